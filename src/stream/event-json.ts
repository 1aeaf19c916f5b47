import { z } from '../config.ts'
import type { AuscultEvent, Episode, EpisodeEvent, SourceEvent } from '../types.ts'

/** The form of an event in the store, on the WebSocket and in HTTP answers. Times are milliseconds since the epoch. */
const episodeSchema = z.object({
  id: z.string(),
  source: z.string(),
  state: z.enum(['open', 'closed']),
  opened_at: z.number(),
  last_at: z.number(),
  closed_at: z.number().optional(),
  close_reason: z
    .enum(['recovered', 'source_ended', 'source_failed', 'handed_over', 'stopped', 'interrupted'])
    .optional(),
  stream: z.string(),
  offset: z.number(),
  windows: z.number(),
  peak_score: z.number(),
  mean_score: z.number(),
  threshold: z.number(),
})

const episodeEventSchema = z.object({
  type: z.enum(['episode.opened', 'episode.updated', 'episode.closed']),
  event_id: z.string(),
  episode: episodeSchema,
})

const sourceEventSchema = z.object({
  type: z.enum(['source.troubled', 'source.recovered']),
  event_id: z.string(),
  source: z.string(),
  condition: z.enum(['down', 'silence', 'flat_line', 'clipping', 'wrong_rate']),
  time: z.number(),
  message: z.string(),
})

export const eventSchema = z.discriminatedUnion('type', [episodeEventSchema, sourceEventSchema])

export type EpisodeJson = z.infer<typeof episodeSchema>
export type EpisodeEventJson = z.infer<typeof episodeEventSchema>
export type SourceEventJson = z.infer<typeof sourceEventSchema>
export type EventJson = z.infer<typeof eventSchema>

/** The source that an event tells of. */
export const sourceOf = (event: AuscultEvent): string => ('episode' in event ? event.episode.source : event.source)

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

export function eventToJson(event: EpisodeEvent): EpisodeEventJson
export function eventToJson(event: SourceEvent): SourceEventJson
export function eventToJson(event: AuscultEvent): EventJson
export function eventToJson(event: AuscultEvent): EventJson {
  if ('episode' in event) return { type: event.type, event_id: event.eventId, episode: episodeToJson(event.episode) }
  const { type, eventId, source, condition, time, message } = event
  return { type, event_id: eventId, source, condition, time, message }
}

/** Reads what `episodeToJson` wrote, unknown fields ignored; undefined when it is something else. */
export function episodeFromJson(json: unknown): Episode | undefined {
  const { success, data } = episodeSchema.safeParse(json)
  return success ? readEpisode(data) : undefined
}

/** Reads what `eventToJson` wrote, unknown fields ignored; undefined when it is something else. */
export function eventFromJson(json: unknown): AuscultEvent | undefined {
  const { success, data } = eventSchema.safeParse(json)
  if (!success) return undefined
  if ('episode' in data) return { type: data.type, eventId: data.event_id, episode: readEpisode(data.episode) }
  const { event_id, ...rest } = data
  return { ...rest, eventId: event_id }
}

/** The text of an event as it is sent: the stored text, with its number. */
export const numbered = (seq: number, text: string): string => `{"seq":${seq},${text.slice(1)}`

function readEpisode(json: EpisodeJson): Episode {
  const { opened_at, last_at, closed_at, close_reason, peak_score, mean_score, ...rest } = json
  const closed = closed_at === undefined ? {} : { closedAt: closed_at, closeReason: close_reason }
  return {
    ...rest,
    ...closed,
    openedAt: opened_at,
    lastAt: last_at,
    peakScore: peak_score,
    meanScore: mean_score,
  }
}
