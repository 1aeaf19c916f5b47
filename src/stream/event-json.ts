import { z } from '../config.ts'
import type { AuscultEvent, EpisodeEvent, SourceEvent } from '../types.ts'
import { episodeSchema, episodeToJson, readEpisode } from './episode-json.ts'

const eventId = z.string().describe('Readers drop events whose id they have seen')
const source = z.string().describe('Name of the source')
const time = z.number().describe('When it was, milliseconds since the epoch')

const episodeEventSchema = z.object({
  type: z.enum([
    'episode.opened',
    'episode.updated',
    'episode.closed',
    'episode.explained',
    'episode.acknowledged',
    'episode.muted',
  ]),
  event_id: eventId,
  episode: episodeSchema.describe('As it is then'),
})

const sourceEventSchema = z.object({
  type: z.enum(['source.troubled', 'source.recovered']),
  event_id: eventId,
  source,
  condition: z.enum(['down', 'silence', 'flat_line', 'clipping', 'wrong_rate']).describe('What is wrong with it'),
  time: z.number().describe('When it was seen, milliseconds since the epoch'),
  message: z.string().describe('For people'),
})

const clusterEventSchema = z.object({
  type: z.enum(['cluster.born', 'cluster.merged', 'cluster.split', 'cluster.forgotten']),
  event_id: eventId,
  source: z.string().describe('Source of the window that did it; clusters are of all sources'),
  window: z.string().describe('That window'),
  time,
  cluster: z.number().describe('The cluster'),
  into: z.number().optional().describe('The cluster that goes on (merged), or that a part of it is now (split)'),
  label: z.string().optional().describe('What people call it'),
})

const driftEventSchema = z.object({
  type: z.enum(['drift.began', 'drift.over']),
  event_id: eventId,
  source,
  kind: z
    .enum(['level', 'distribution', 'absorbed'])
    .describe('Another level, another population than the calibration, or a level that is the new normal'),
  time,
  since: z.number().describe('About when it began'),
  before: z.number().describe('Geometric mean of the scores before, or of the calibration'),
  after: z.number().describe('The same now'),
  psi: z.number().describe('Population stability index against the calibration'),
})

const decisionEventSchema = z.object({
  type: z.literal('decision'),
  event_id: eventId,
  action: z.enum([
    'threshold.set',
    'threshold.reset',
    'episode.acknowledged',
    'cluster.labelled',
    'muted',
    'unmuted',
    'mute.expired',
    'false_alarm',
    'recalibrated',
    'recalibration.reverted',
  ]),
  time,
  who: z.string().describe('Who decided it'),
  source: z.string().describe('The source that it is about; empty for all'),
  cluster: z.number().optional(),
  episode_id: z.string().optional(),
  note: z.string().optional(),
  before: z.unknown().describe('What was so'),
  after: z.unknown().describe('What is so now'),
})

export const eventSchema = z.discriminatedUnion('type', [
  episodeEventSchema,
  sourceEventSchema,
  clusterEventSchema,
  driftEventSchema,
  decisionEventSchema,
])

export type EpisodeEventJson = z.infer<typeof episodeEventSchema>
export type SourceEventJson = z.infer<typeof sourceEventSchema>
export type EventJson = z.infer<typeof eventSchema>

/** The source that an event tells of; empty where it is about all. */
export const sourceOf = (event: AuscultEvent): string => ('episode' in event ? event.episode.source : event.source)

export function eventToJson(event: EpisodeEvent): EpisodeEventJson
export function eventToJson(event: SourceEvent): SourceEventJson
export function eventToJson(event: AuscultEvent): EventJson
export function eventToJson(event: AuscultEvent): EventJson {
  if ('episode' in event) return { type: event.type, event_id: event.eventId, episode: episodeToJson(event.episode) }
  if (event.type === 'decision') {
    const { type, eventId, episodeId, before = null, after = null, ...rest } = event
    return {
      type,
      event_id: eventId,
      ...rest,
      ...(episodeId !== undefined && { episode_id: episodeId }),
      before,
      after,
    }
  }
  const { type, eventId, ...rest } = event
  return { type, event_id: eventId, ...rest } as EventJson
}

/** Reads what `eventToJson` wrote, unknown fields ignored; undefined when it is something else. */
export function eventFromJson(json: unknown): AuscultEvent | undefined {
  const { success, data } = eventSchema.safeParse(json)
  if (!success) return undefined
  if ('episode' in data) return { type: data.type, eventId: data.event_id, episode: readEpisode(data.episode) }
  if (data.type === 'decision') {
    const { event_id, episode_id, ...rest } = data
    return { ...rest, eventId: event_id, ...(episode_id !== undefined && { episodeId: episode_id }) }
  }
  const { event_id, ...rest } = data
  return { ...rest, eventId: event_id }
}

/** The text of an event as it is sent: the stored text, with its number. */
export const numbered = (seq: number, text: string): string => `{"seq":${seq},${text.slice(1)}`
