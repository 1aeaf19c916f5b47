import { z } from '../config.ts'
import { eventSchema } from './event-json.ts'
import { scoreSchema } from './score-json.ts'

const seq = z.number().int().positive().describe('Number in the store of the daemon that saw it; it only grows')
const [episode, source, cluster, drift, decision] = eventSchema.options

/** What Kafka and the WebSocket carry, as JSON Schemas (draft 2020-12). Fields may be added to them: readers ignore those they do not know. */
export const publishedSchemas = {
  event: schemaOf(
    z.discriminatedUnion('type', [
      episode.extend({ seq }),
      source.extend({ seq }),
      cluster.extend({ seq }),
      drift.extend({ seq }),
      decision.extend({ seq }),
    ]),
    'event',
    'A change of an episode or of the clusters, a trouble of a source, a drift of its scores, or a decision of somebody. `event_id` is the same whenever the same input is read again.',
  ),
  score: schemaOf(
    scoreSchema,
    'score',
    'The score of a window. `id` is the same whenever the same input is read again.',
  ),
}

function schemaOf(schema: z.ZodType, name: string, description: string): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return { $schema, $id: `urn:auscult:${name}:1`, title: `Auscult ${name}`, description, ...rest }
}
