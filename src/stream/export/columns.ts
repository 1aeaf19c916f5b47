import type { EpisodeJson } from '../episode-json.ts'
import { clusterOf, timeOf } from '../event-facts.ts'
import type { EventJson } from '../event-json.ts'
import { type Cell, isoTime } from './csv.ts'

/** Columns of a table by name, in their order, which is not changed: new ones come last. */
export type Columns<T> = Readonly<Record<string, (row: T) => Cell>>

type Numbered<T> = T & { readonly seq: number }
export type ExportedEpisode = Numbered<EpisodeJson>
export type ExportedEvent = Numbered<EventJson>
export type ExportedDecision = Numbered<Extract<EventJson, { type: 'decision' }>>

export const episodeColumns: Columns<ExportedEpisode> = {
  id: ({ id }) => id,
  seq: ({ seq }) => seq,
  source: ({ source }) => source,
  state: ({ state }) => state,
  opened_at: ({ opened_at }) => isoTime(opened_at),
  opened_at_ms: ({ opened_at }) => opened_at,
  last_at: ({ last_at }) => isoTime(last_at),
  last_at_ms: ({ last_at }) => last_at,
  closed_at: ({ closed_at }) => isoTime(closed_at),
  closed_at_ms: ({ closed_at }) => closed_at,
  close_reason: ({ close_reason }) => close_reason,
  seconds: ({ opened_at, last_at }) => (last_at - opened_at) / 1000,
  windows: ({ windows }) => windows,
  peak_score: ({ peak_score }) => peak_score,
  mean_score: ({ mean_score }) => mean_score,
  threshold: ({ threshold }) => threshold,
  stream: ({ stream }) => stream,
  offset: ({ offset }) => offset,
  cluster: ({ cluster }) => cluster?.id,
  cluster_label: ({ cluster }) => cluster?.label,
  cluster_distance: ({ cluster }) => cluster?.distance,
  cluster_radius: ({ cluster }) => cluster?.radius,
  summary: ({ explanation }) => explanation?.summary,
  acknowledged_by: ({ acknowledged }) => acknowledged?.who,
  acknowledged_at: ({ acknowledged }) => isoTime(acknowledged?.at),
  acknowledged_at_ms: ({ acknowledged }) => acknowledged?.at,
  acknowledged_note: ({ acknowledged }) => acknowledged?.note,
  muted: ({ muted }) => muted?.reason,
  muted_by: ({ muted }) => muted?.id,
}

/** What only some types have is empty for the others. */
export const eventColumns: Columns<ExportedEvent> = {
  seq: ({ seq }) => seq,
  type: ({ type }) => type,
  event_id: ({ event_id }) => event_id,
  time: event => isoTime(timeOf(event)),
  time_ms: timeOf,
  source: event => ('episode' in event ? event.episode.source : event.source),
  cluster: clusterOf,
  episode_id: event => ('episode' in event ? event.episode.id : 'episode_id' in event ? event.episode_id : undefined),
  state: event => ('episode' in event ? event.episode.state : undefined),
  windows: event => ('episode' in event ? event.episode.windows : undefined),
  peak_score: event => ('episode' in event ? event.episode.peak_score : undefined),
  threshold: event => ('episode' in event ? event.episode.threshold : undefined),
  muted: event => ('episode' in event ? event.episode.muted?.reason : undefined),
  condition: event => ('condition' in event ? event.condition : undefined),
  message: event => ('message' in event ? event.message : undefined),
  drift: event => ('psi' in event ? event.kind : undefined),
  before: event => ('psi' in event ? event.before : 'action' in event ? json(event.before) : undefined),
  after: event => ('psi' in event ? event.after : 'action' in event ? json(event.after) : undefined),
  psi: event => ('psi' in event ? event.psi : undefined),
  into: event => ('into' in event ? event.into : undefined),
  label: event => ('label' in event ? event.label : 'episode' in event ? event.episode.cluster?.label : undefined),
  action: event => ('action' in event ? event.action : undefined),
  who: event => ('who' in event ? event.who : undefined),
  note: event => ('note' in event ? event.note : undefined),
}

export const auditColumns: Columns<ExportedDecision> = {
  seq: ({ seq }) => seq,
  time: ({ time }) => isoTime(time),
  time_ms: ({ time }) => time,
  who: ({ who }) => who,
  action: ({ action }) => action,
  source: ({ source }) => source,
  cluster: ({ cluster }) => cluster,
  episode_id: ({ episode_id }) => episode_id,
  note: ({ note }) => note,
  before: ({ before }) => json(before),
  after: ({ after }) => json(after),
}

const json = (value: unknown): string | undefined =>
  value === null || value === undefined ? undefined : JSON.stringify(value)
