import { z } from '../../config.ts'
import { kafkaConnectionSchema } from '../../kafka-config.ts'

const topic = z.string().regex(/^[\w.-]{1,249}$/, "a topic's name has letters, digits, _ . -")

/** `sinks.kafka` of a daemon's configuration. */
export const kafkaSinkSchema = kafkaConnectionSchema.extend({
  events_topic: topic
    .nullable()
    .default('auscult.events')
    .describe('Topic for events, one JSON object a message, keyed by source; null publishes none'),
  scores_topic: topic
    .nullable()
    .default(null)
    .describe(
      'Topic for the score of every window; a window is acknowledged after its score is there. null publishes none',
    ),
  include_latent: z.boolean().default(false).describe('Whether scores carry the bottleneck vector of their window'),
  compression: z.enum(['none', 'gzip']).default('none').describe('How messages are compressed'),
})

export type KafkaSinkConfig = z.infer<typeof kafkaSinkSchema>
