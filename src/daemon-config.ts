import { z } from './config.ts'
import { recordSchema } from './ingest/record/config.ts'
import { SOURCE_SCHEMAS, type SourceType, sourceSchema } from './ingest/source-config.ts'
import { clustersSchema } from './model/clusters/config.ts'
import { driftSchema } from './model/drift/config.ts'
import { dailySchema } from './model/drift/daily.ts'
import { recalibrationSchema } from './model/drift/recalibrate.ts'
import { DEVICES, ENGINES, PRECISIONS } from './model/engine.ts'
import { batchSchema } from './stream/batcher.ts'
import { decisionsSchema } from './stream/decisions/config.ts'
import { detectorSchema } from './stream/detector.ts'
import { evidenceSchema } from './stream/evidence/config.ts'
import { httpSchema } from './stream/http.ts'
import { kafkaSinkSchema } from './stream/kafka/config.ts'
import { mapSchema } from './stream/map/config.ts'
import { metricsSchema } from './stream/metrics/config.ts'
import { queueSchema } from './stream/queue.ts'
import { storeSchema } from './stream/store/config.ts'
import { webhooksSchema } from './stream/webhook/config.ts'
import { websocketSchema } from './stream/websocket/config.ts'

/** `auscult run <config.yaml>`. */
export const daemonConfigSchema = z.strictObject({
  bundle: z
    .string()
    .min(1)
    .default('models/model')
    .describe('Folder that `auscult train` or `auscult calibrate` wrote'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Instead of bundle: an ONNX model that was made elsewhere and calibrated, for example anything.onnx'),
  sources: z
    .record(z.string().regex(/^[\w.-]+$/, 'a source is named by letters, digits, _ . -'), sourceSchema)
    .describe('The feeds, by name')
    .meta({ example: { machine: { type: 'files', path: 'recordings' } } }),
  window: z
    .strictObject({
      overlap: z.number().min(0).lt(1).default(0.5).describe('Part of an audio window that the next one repeats'),
      hop_seconds: z
        .number()
        .positive()
        .nullable()
        .default(null)
        .describe('Seconds from one audio window to the next; null goes by overlap'),
    })
    .prefault({}),
  batch: batchSchema.prefault({}),
  scorer: z
    .strictObject({
      engine: z.enum(ENGINES).default('onnx').describe('What computes: ONNX Runtime, or TensorFlow.js'),
      device: z.enum(DEVICES).default('auto').describe('Where the model runs; auto takes the best that works'),
      precision: z
        .enum(PRECISIONS)
        .default('fp32')
        .describe('How exactly it is computed; fp16 and int8 may be quicker'),
      threads: z.number().int().min(0).default(1).describe('Threads of one scorer; 0 leaves it to the engine'),
      workers: z.number().int().min(1).max(64).default(1).describe('Scorers that work side by side'),
    })
    .prefault({}),
  detector: detectorSchema.prefault({}),
  clusters: clustersSchema
    .nullable()
    .default(null)
    .describe('How latents are grouped, so that what was seen before is known again; null: as the bundle has it'),
  drift: driftSchema.prefault({}),
  daily: dailySchema.prefault({}),
  recalibration: recalibrationSchema.prefault({}),
  decisions: decisionsSchema.prefault({}),
  evidence: evidenceSchema.prefault({}),
  map: mapSchema.prefault({}).describe('Where new windows lie among those of the training'),
  queue: queueSchema.prefault({}),
  http: httpSchema.prefault({}),
  websocket: websocketSchema.prefault({}),
  metrics: metricsSchema.prefault({}),
  store: storeSchema.prefault({}),
  sinks: z
    .strictObject({
      kafka: kafkaSinkSchema.optional().describe('Publishes events, and scores, to Kafka'),
      webhooks: webhooksSchema
        .optional()
        .describe('Receivers that are told of events by HTTP, by name')
        .meta({ example: { team: { url: 'https://hooks.example.org/auscult' } } }),
    })
    .prefault({})
    .describe('Where events go besides the WebSocket'),
  record: recordSchema
    .prefault({})
    .describe('What `auscult record` does with the sources; `auscult run` does not use it'),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('Least level'),
    })
    .prefault({}),
})

export type DaemonConfig = z.infer<typeof daemonConfigSchema>

/** Of `auscult record`, which takes a bundle where one is named. */
export const recordingConfigSchema = daemonConfigSchema.extend({
  bundle: daemonConfigSchema.shape.bundle.unwrap().optional(),
})

/** The same with sources of one type, for a sample that is short enough to read. */
export function daemonConfigWith(type: SourceType) {
  const others = Object.keys(SOURCE_SCHEMAS).filter(other => other !== type)
  const sources = z
    .record(z.string(), SOURCE_SCHEMAS[type] as z.ZodType)
    .describe(`The feeds, by name. Besides ${type}: ${others.map(other => `--source ${other}`).join(', ')}.`)
    .meta({ example: { machine: { type } } })
  return daemonConfigSchema.extend({ sources })
}
