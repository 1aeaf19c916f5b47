import type { AuscultEvent } from '../../types.ts'
import { type EpisodeJson, episodeToJson } from '../episode-json.ts'
import { clusterOf, kindOf, timeOf } from '../event-facts.ts'
import { type EventJson, eventToJson, sourceOf } from '../event-json.ts'
import type { EpisodeRow, EventRow } from './protocol.ts'

/** An event as the database takes it: its text, and what it can be asked for by. */
export function rowOf(event: AuscultEvent): EventRow {
  const json: EventJson = eventToJson(event)
  const row = {
    eventId: event.eventId,
    type: event.type,
    kind: kindOf(event.type),
    source: sourceOf(event),
    time: timeOf(json),
    score: 'episode' in event ? event.episode.peakScore : null,
    cluster: clusterOf(json) ?? null,
    text: JSON.stringify(json),
  }
  if ('action' in event) return { ...row, action: event.action }
  return 'episode' in event ? { ...row, episode: episodeRow(episodeToJson(event.episode)) } : row
}

function episodeRow(json: EpisodeJson): EpisodeRow {
  return {
    id: json.id,
    state: json.state,
    openedAt: json.opened_at,
    peakScore: json.peak_score,
    cluster: json.cluster?.id ?? null,
    muted: json.muted ? 1 : 0,
    acknowledged: json.acknowledged ? 1 : 0,
    text: JSON.stringify(json),
  }
}
