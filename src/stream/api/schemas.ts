import { z } from '../../config.ts'
import { recalibrationRecordSchema } from '../../model/drift/recalibrate.ts'
import { thresholdSchema } from '../../model/threshold.ts'
import { episodeSchema } from '../episode-json.ts'
import { eventSchema } from '../event-json.ts'
import { evidenceFileSchema } from '../evidence/evidence.ts'
import { statusSchema } from '../status.ts'
import { clusterSchema } from './cluster-json.ts'
import { sourceSchema } from './source-json.ts'

/** Forms that several answers hold. The OpenAPI document names them. */

const milliseconds = 'milliseconds since the epoch'

export const Episode = episodeSchema.extend({
  seq: z.number().int().positive().describe('Number of the event that opened it'),
})

export const Evidence = evidenceFileSchema

export const Cluster = clusterSchema.describe('Latents that are alike')

export const Source = sourceSchema.describe('A feed, or a key of one')

export const Status = statusSchema.describe('How the daemon does')

export const Mute = z.object({
  id: z.string(),
  reason: z.enum(['mute', 'false_alarm']).describe('false_alarm: only what is like that episode'),
  source: z.string().optional().describe('Only episodes of this source'),
  cluster: z.number().optional().describe('Only episodes of this cluster'),
  clusters_key: z.string().optional().describe('Which clusters it is one of'),
  episode_id: z.string().optional().describe('Of a false alarm: the episode that was one'),
  until: z.number().nullable().describe(`${milliseconds}; null: until somebody ends it`),
  who: z.string(),
  at: z.number().describe(`Since when, ${milliseconds}`),
  note: z.string().optional(),
  episodes: z.number().describe('Episodes that it has muted; of a false alarm, those after that one'),
  last_at: z.number().optional().describe('When the latest of them opened'),
  dormant: z.boolean().describe('Its cluster is of another bundle or configuration'),
})

export const ThresholdPolicy = thresholdSchema

export const ThresholdChoice = z.object({
  policy: thresholdSchema,
  who: z.string(),
  at: z.number().describe(milliseconds),
  note: z.string().optional(),
})

const seq = z.number().int().positive()
const [episodeEvent, sourceEvent, clusterEvent, driftEvent, decisionEvent] = eventSchema.options

export const Decision = decisionEvent.extend({ seq })

export const Event = z
  .discriminatedUnion('type', [
    episodeEvent.extend({ seq }),
    sourceEvent.extend({ seq }),
    clusterEvent.extend({ seq }),
    driftEvent.extend({ seq }),
    decisionEvent.extend({ seq }),
  ])
  .describe('As on the WebSocket')

export const RecalibrationReport = recalibrationRecordSchema.shape.report.unwrap()

export const Problem = z
  .object({
    error: z.string().describe('What is wrong, for people'),
    code: z.string().optional().describe('Kind of mistake: docs/errors.md'),
    at: z.string().optional().describe('Where'),
    remedy: z.string().optional().describe('What to do about it'),
  })
  .describe('Why something was refused')
