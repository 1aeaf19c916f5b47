import { z } from '../config.ts'
import type { AuscultEvent, Episode, EpisodeEvent, SourceEvent } from '../types.ts'

/** The form of an event in the store, on the WebSocket and in HTTP answers. Times are milliseconds since the epoch. */
const episodeSchema = z.object({
  id: z.string().describe('Of its first anomalous window: the same whenever the same input is read again'),
  source: z.string().describe('Name of the source'),
  state: z.enum(['open', 'closed']),
  opened_at: z.number().describe('Start of its first anomalous window, milliseconds since the epoch'),
  last_at: z.number().describe('End of its last anomalous window so far'),
  closed_at: z.number().optional().describe('The same, once closed'),
  close_reason: z
    .enum(['recovered', 'source_ended', 'source_failed', 'handed_over', 'stopped', 'interrupted'])
    .optional()
    .describe('Once closed'),
  stream: z.string().describe('Recording, or topic and partition, in which it began'),
  offset: z.number().describe('Of the sample or frame there with which it began'),
  windows: z.number().describe('Anomalous windows in it'),
  peak_score: z.number().describe('Of these windows'),
  mean_score: z.number().describe('Of these windows'),
  threshold: z.number().describe('Score above which a window is anomalous'),
})

const eventId = z.string().describe('Readers drop events whose id they have seen')

const episodeEventSchema = z.object({
  type: z.enum(['episode.opened', 'episode.updated', 'episode.closed']),
  event_id: eventId,
  episode: episodeSchema.describe('As it is then'),
})

const sourceEventSchema = z.object({
  type: z.enum(['source.troubled', 'source.recovered']),
  event_id: eventId,
  source: z.string().describe('Name of the source'),
  condition: z.enum(['down', 'silence', 'flat_line', 'clipping', 'wrong_rate']).describe('What is wrong with it'),
  time: z.number().describe('When it was seen, milliseconds since the epoch'),
  message: z.string().describe('For people'),
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
