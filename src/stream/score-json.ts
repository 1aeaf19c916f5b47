import { z } from '../config.ts'
import type { Score } from '../types.ts'

/** The form of a score in Kafka: what is the same whenever the window is scored again, and nothing else. */
export const scoreSchema = z.object({
  id: z.string().describe('Of the window, `source/stream/offset`: the same whenever the same input is scored again'),
  source: z.string().describe('Name of the source'),
  stream: z.string().describe('Recording, or topic and partition, that the window lies in'),
  offset: z.number().describe('Of its first sample or frame there'),
  time: z.number().describe('Of its first sample, milliseconds since the epoch'),
  duration: z.number().describe('Seconds that it spans; 0 for a detector frame'),
  score: z.number().describe('Anomaly score'),
  threshold: z.number().describe('Score above which a window is anomalous'),
  anomalous: z.boolean().describe('Whether the score is above the threshold'),
  late: z.boolean().describe('Whether it is of an earlier time than a window of its source that came before it'),
  latent: z.array(z.number()).optional().describe('Bottleneck vector, where it is wanted'),
})

export type ScoreJson = z.infer<typeof scoreSchema>

export function scoreToJson(score: Score, includeLatent: boolean): ScoreJson {
  const { id, source, stream, offset, time, duration, threshold, anomalous, late, latent } = score
  const json = { id, source, stream, offset, time, duration, score: score.score, threshold, anomalous, late }
  return includeLatent ? { ...json, latent: Array.from(latent) } : json
}
