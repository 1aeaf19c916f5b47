import { z } from '../config.ts'
import type { Episode, EpisodeEvent } from '../types.ts'

/** The form of an episode event in the store, on the WebSocket and in HTTP answers. Times are milliseconds since the epoch. */
const episodeSchema = z.object({
  id: z.string(),
  source: z.string(),
  state: z.enum(['open', 'closed']),
  opened_at: z.number(),
  last_at: z.number(),
  closed_at: z.number().optional(),
  close_reason: z.enum(['recovered', 'source_ended', 'source_failed', 'stopped', 'interrupted']).optional(),
  stream: z.string(),
  offset: z.number(),
  windows: z.number(),
  peak_score: z.number(),
  mean_score: z.number(),
  threshold: z.number(),
})

const eventSchema = z.object({
  type: z.enum(['episode.opened', 'episode.updated', 'episode.closed']),
  event_id: z.string(),
  episode: episodeSchema,
})

export type EpisodeJson = z.infer<typeof episodeSchema>
export type EpisodeEventJson = z.infer<typeof eventSchema>

export function episodeToJson(episode: Episode): EpisodeJson {
  return {
    id: episode.id,
    source: episode.source,
    state: episode.state,
    opened_at: episode.openedAt,
    last_at: episode.lastAt,
    ...(episode.closedAt !== undefined && { closed_at: episode.closedAt, close_reason: episode.closeReason }),
    stream: episode.stream,
    offset: episode.offset,
    windows: episode.windows,
    peak_score: episode.peakScore,
    mean_score: episode.meanScore,
    threshold: episode.threshold,
  }
}

export function eventToJson(event: EpisodeEvent): EpisodeEventJson {
  return { type: event.type, event_id: event.eventId, episode: episodeToJson(event.episode) }
}

/** Reads what `eventToJson` wrote, unknown fields ignored; undefined when it is something else. */
export function eventFromJson(json: unknown): EpisodeEvent | undefined {
  const { success, data } = eventSchema.safeParse(json)
  if (!success) return undefined
  const { opened_at, last_at, closed_at, close_reason, peak_score, mean_score, ...rest } = data.episode
  const closed = closed_at === undefined ? {} : { closedAt: closed_at, closeReason: close_reason }
  const episode: Episode = {
    ...rest,
    ...closed,
    openedAt: opened_at,
    lastAt: last_at,
    peakScore: peak_score,
    meanScore: mean_score,
  }
  return { type: data.type, eventId: data.event_id, episode }
}
