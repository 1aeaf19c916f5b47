import { z } from '../../config.ts'
import { EVENT_KINDS } from '../event-facts.ts'
import { eventSchema } from '../event-json.ts'

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
const header = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'the name of a header')
/** What every request says for itself. */
const OWN = /^(host|content-length|content-type|connection|transfer-encoding|webhook-.*)$/i
const ownHeader = 'this header is set by Auscult itself'

const types = eventSchema.options.flatMap(({ shape }) => ('options' in shape.type ? [...shape.type.options] : []))

/** Events that a webhook can be told of: kinds, or types. */
export const TELLABLE = [...EVENT_KINDS, ...types] as [string, ...string[]]

/** One of `sinks.webhooks`. */
export const webhookSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be a URL, http:// or https://' })
      .optional()
      .describe('Where events are sent, as JSON, by POST')
      .meta({ example: 'https://hooks.example.org/auscult' }),
    url_env: variable.optional().describe('Environment variable that holds the URL, where the URL itself is a secret'),
    secret_env: variable
      .optional()
      .describe(
        'Environment variable that holds the secret that messages are signed with, whsec_…; without it they are not signed',
      ),
    on: z
      .array(z.enum(TELLABLE, 'a kind of events (episode, source, …) or a type (episode.opened, …)'))
      .min(1)
      .default(['episode.opened', 'episode.closed', 'source', 'drift'])
      .describe('Kinds and types of events that are sent'),
    sources: z.array(z.string().min(1)).min(1).nullable().default(null).describe('Of these sources only; null: of all'),
    min_score: z
      .number()
      .nullable()
      .default(null)
      .describe('Episodes only where their peak score until then is at least this'),
    muted: z.boolean().default(false).describe('Whether muted episodes are sent as well'),
    headers: z
      .record(
        header.refine(name => !OWN.test(name), ownHeader),
        z.string().regex(/^[\t\x20-\x7e]*$/, 'ASCII on one line'),
      )
      .default({})
      .describe('More headers of each request'),
    headers_env: z
      .record(
        header.refine(name => !OWN.test(name), ownHeader),
        variable,
      )
      .default({})
      .describe('The same with secrets: headers, and the environment variables that hold them'),
    timeout_seconds: z.number().min(0.1).max(300).default(10).describe('So long a receiver may take to answer'),
    retry: z
      .strictObject({
        first_seconds: z
          .number()
          .positive()
          .default(1)
          .describe('Wait after the first failure; it doubles with each one'),
        last_seconds: z.number().positive().default(300).describe('Longest wait'),
        give_up_seconds: z
          .number()
          .positive()
          .nullable()
          .default(86_400)
          .describe('So long one event is tried; then it is given up and the next one is sent. null: for ever'),
      })
      .prefault({}),
  })
  .refine(({ url, url_env }) => (url === undefined) !== (url_env === undefined), 'name a url or a url_env, one of them')

export type WebhookConfig = z.infer<typeof webhookSchema>

export const webhooksSchema = z.record(
  z.string().regex(/^[\w.-]{1,64}$/, 'a webhook is named by letters, digits, _ . -'),
  webhookSchema,
)
