import { z } from '../config.ts'
import { eventSchema } from './event-json.ts'
import { scoreSchema } from './score-json.ts'
import { PROTOCOL, serverSchemas, subscribeSchema } from './websocket/messages.ts'

const seq = z.number().int().positive().describe('Number in the store of the daemon that saw it; it only grows')
const [episode, source, cluster, drift, decision] = eventSchema.options

const numberedEvent = z.discriminatedUnion('type', [
  episode.extend({ seq }),
  source.extend({ seq }),
  cluster.extend({ seq }),
  drift.extend({ seq }),
  decision.extend({ seq }),
])

const DRAFT = 'https://json-schema.org/draft/2020-12/schema'

/** What Kafka and the WebSocket carry, as JSON Schemas (draft 2020-12). Fields may be added to them: readers ignore those they do not know. */
export const publishedSchemas = {
  event: {
    ...head(
      'event',
      1,
      'A change of an episode or of the clusters, a trouble of a source, a drift of its scores, or a decision of somebody. `event_id` is the same whenever the same input is read again.',
    ),
    ...bodyOf(numberedEvent),
  },
  score: {
    ...head('score', 1, 'The score of a window. `id` is the same whenever the same input is read again.'),
    ...bodyOf(scoreSchema),
  },
  websocket: {
    ...head('websocket', PROTOCOL, 'Messages of `/v1/stream`: what the server says, and what clients may say.'),
    anyOf: [{ $ref: '#/$defs/server' }, { $ref: '#/$defs/client' }],
    $defs: {
      server: bodyOf(z.union([...serverSchemas, numberedEvent])),
      client: bodyOf(subscribeSchema),
    },
  },
}

function head(name: string, version: number, description: string): object {
  return { $schema: DRAFT, $id: `urn:auscult:${name}:${version}`, title: `Auscult ${name}`, description }
}

function bodyOf(schema: z.ZodType): object {
  const { $schema: _, ...body } = z.toJSONSchema(schema, { io: 'input' })
  return body
}
