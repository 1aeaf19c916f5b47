import { z } from '../config.ts'
import type { Episode, EpisodeCluster } from '../types.ts'

const milliseconds = 'milliseconds since the epoch'

const clusterSchema = z.object({
  id: z.number().describe('Stable: never given to another cluster of this store and key'),
  key: z.string().describe('Names the model and the configuration that the ids belong to'),
  born: z.string().optional().describe('Window that began it; absent for clusters of the training'),
  label: z.string().optional().describe('What people call it'),
  distance: z.number().describe("Of the episode's most typical window from the centre"),
  radius: z.number().describe('Up to where a latent belongs to it'),
  episodes: z.number().describe('Such episodes so far, with this one'),
  first_at: z.number().optional().describe('When the first of them before this one opened'),
  last_at: z.number().optional().describe('When the latest of them before this one opened'),
  exemplars: z.array(z.string()).describe('Windows of the cluster that are most like it, the nearest first'),
})

const explanationSchema = z.object({
  window: z.string().describe('The window that it explains, which scored highest'),
  time: z.number().describe(`Of that window, ${milliseconds}`),
  score: z.number().describe('Of that window'),
  summary: z.string().describe('For people'),
  contributors: z
    .array(
      z.object({
        axis: z.enum(['frequency', 'time', 'region', 'feature']),
        label: z.string().describe('For people: 2.1–2.6 kHz'),
        share: z.number().describe('Part of the squared residual, 0 to 1'),
        difference: z.number().describe('Mean of what came minus what was expected, in the unit of the features'),
      }),
    )
    .describe('What contributes most, largest first'),
})

/** The form of an episode in the store, on the WebSocket and in HTTP answers. Times are milliseconds since the epoch. */
export const episodeSchema = z.object({
  id: z.string().describe('Of its first anomalous window: the same whenever the same input is read again'),
  source: z.string().describe('Name of the source'),
  state: z.enum(['open', 'closed']),
  opened_at: z.number().describe(`Start of its first anomalous window, ${milliseconds}`),
  last_at: z.number().describe('End of its last anomalous window so far'),
  closed_at: z.number().optional().describe('The same, once closed'),
  close_reason: z
    .enum(['recovered', 'source_ended', 'source_failed', 'handed_over', 'stopped', 'interrupted', 'absorbed'])
    .optional()
    .describe('Once closed'),
  stream: z.string().describe('Recording, or topic and partition, in which it began'),
  offset: z.number().describe('Of the sample or frame there with which it began'),
  windows: z.number().describe('Anomalous windows in it'),
  peak_score: z.number().describe('Of these windows'),
  mean_score: z.number().describe('Of these windows'),
  threshold: z.number().describe('Score above which a window is anomalous'),
  cluster: clusterSchema.optional().describe('What it is like'),
  explanation: explanationSchema.optional().describe('Why it scored so'),
  acknowledged: z
    .object({ who: z.string(), at: z.number().describe(milliseconds), note: z.string().optional() })
    .optional()
    .describe('Who has seen it'),
  muted: z
    .object({ id: z.string().describe('Of the mute'), reason: z.enum(['mute', 'false_alarm']) })
    .optional()
    .describe('It is not to alert anybody'),
})

export type EpisodeJson = z.infer<typeof episodeSchema>

export function episodeToJson(episode: Episode): EpisodeJson {
  const { explanation, acknowledged, muted, cluster } = episode
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
    ...(cluster && { cluster: clusterToJson(cluster) }),
    ...(explanation && { explanation: { ...explanation, contributors: [...explanation.contributors] } }),
    ...(acknowledged && { acknowledged }),
    ...(muted && { muted }),
  }
}

/** Reads what `episodeToJson` wrote, unknown fields ignored; undefined when it is something else. */
export function episodeFromJson(json: unknown): Episode | undefined {
  const { success, data } = episodeSchema.safeParse(json)
  return success ? readEpisode(data) : undefined
}

export function readEpisode(json: EpisodeJson): Episode {
  const { opened_at, last_at, closed_at, close_reason, peak_score, mean_score, cluster, ...rest } = json
  const closed = closed_at === undefined ? {} : { closedAt: closed_at, closeReason: close_reason }
  return {
    ...rest,
    ...closed,
    openedAt: opened_at,
    lastAt: last_at,
    peakScore: peak_score,
    meanScore: mean_score,
    ...(cluster && { cluster: readCluster(cluster) }),
  }
}

function clusterToJson({ firstAt, lastAt, exemplars, ...rest }: EpisodeCluster): EpisodeJson['cluster'] {
  const times = firstAt === undefined ? {} : { first_at: firstAt, last_at: lastAt }
  return { ...rest, ...times, exemplars: [...exemplars] }
}

function readCluster({ first_at, last_at, ...rest }: NonNullable<EpisodeJson['cluster']>): EpisodeCluster {
  return first_at === undefined ? rest : { ...rest, firstAt: first_at, lastAt: last_at }
}
