import type { AuscultEvent } from '../types.ts'
import type { EventJson } from './event-json.ts'

/* What can be read off an event, for those who do without its schema. */

/** Kinds of events: what stands before the dot of their type. */
export const EVENT_KINDS = ['episode', 'cluster', 'drift', 'source', 'decision'] as const

export type EventKind = (typeof EVENT_KINDS)[number]

export const kindOf = (type: AuscultEvent['type']): EventKind => type.split('.', 1)[0] as EventKind

/** When it was: of an episode that opens, the start of its first anomalous window, else the end of the last one so far. */
export const timeOf = (event: EventJson): number => {
  if (!('episode' in event)) return event.time
  return event.type === 'episode.opened' ? event.episode.opened_at : event.episode.last_at
}

/** The cluster that it tells of, or that its episode is like. */
export const clusterOf = (event: EventJson): number | undefined => {
  if ('episode' in event) return event.episode.cluster?.id
  return 'cluster' in event ? event.cluster : undefined
}
