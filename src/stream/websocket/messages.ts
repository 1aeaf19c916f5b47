import { z } from '../../config.ts'
import { ERROR_CODES, type ErrorCode } from '../../errors.ts'
import type { Score } from '../../types.ts'
import { viewMessageSchema } from '../live-view/view-message.ts'
import { scoreSchema } from '../score-json.ts'
import { statusSchema } from '../status.ts'
import type { Message } from './batch.ts'
import { textFrame } from './frame.ts'
import { choiceSchema, chosen } from './subscription.ts'

/** Grows when something is taken away or gets another meaning; what is added leaves it as it is. */
export const PROTOCOL = 1

const whole = z.number().int().min(0)

export const helloSchema = z
  .object({
    type: z.literal('hello'),
    protocol: z.literal(PROTOCOL),
    store: z.string().describe('Which store counts the events; numbers of another one mean other events'),
    seq: whole.describe('Number of the latest event'),
    first: z.number().int().positive().describe('Number of the oldest event that is kept; seq + 1: there is none'),
    resumed: z.boolean().optional().describe('Of those who gave `after`: whether every event after it follows'),
    missed_before: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Where they do not: all that is kept follows, and nothing before this number'),
    heartbeat_seconds: z.number().positive().describe('So often comes a heartbeat'),
    name: z.string().describe('Of the model'),
    version: z.string().describe('Of the daemon'),
    threshold: z.number().describe('Score above which windows are anomalous'),
    window: z.object({
      shape: z.array(z.number()),
      sample_rate: z.number().nullable().describe('Hertz; null: frames of a detector'),
      hop_seconds: z.number().nullable().describe('From one window to the next; null: as frames come'),
    }),
    sources: z.array(z.string()).describe('Names of the sources now'),
  })
  .describe('The first message')

export const scoreMessageSchema = scoreSchema
  .omit({ latent: true })
  .extend({
    type: z.literal('score'),
    index: whole.describe('Of the window in its source, since the start'),
    windows: z.number().int().positive().describe('Windows that it stands for: it is the highest of them'),
  })
  .describe('The score of a window')

export const subscribedSchema = z
  .object({
    type: z.literal('subscribed'),
    ...chosen,
    seq: whole.describe('Events with a higher number come as it says'),
  })
  .describe('What is sent from now on; answers `subscribe`')

export const heartbeatSchema = z
  .object({
    type: z.literal('heartbeat'),
    time: z.number().describe('Milliseconds since the epoch'),
    seq: whole.describe('Every event up to this number that the client wants has been sent to it'),
  })
  .describe('The daemon is there, also when it has nothing to say')

export const unsentSchema = z
  .object({
    type: z.literal('unsent'),
    scores: whole.describe('Scores that the client was too slow for, since the last `unsent`'),
    views: whole.describe('Views, the same'),
  })
  .describe('The client has caught up, and this is missing')

export const errorSchema = z
  .object({
    type: z.literal('error'),
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode]),
    message: z.string().describe('What is wrong, for people'),
    at: z.string().describe('Where in the message of the client'),
    remedy: z.string().describe('What can be done about it'),
  })
  .describe('A message of the client was not understood, and nothing was changed')

export const statusMessageSchema = statusSchema.extend({ type: z.literal('status') }).describe('Once a second')

/** What the server says besides events. */
export const serverSchemas = [
  helloSchema,
  subscribedSchema,
  scoreMessageSchema,
  viewMessageSchema,
  statusMessageSchema,
  heartbeatSchema,
  unsentSchema,
  errorSchema,
] as const

export const subscribeSchema = choiceSchema
  .extend({ type: z.literal('subscribe') })
  .describe('Replaces all that the client has chosen; a field that is left out is as at the beginning')

/** A score as it is sent. @param windows how many it stands for */
export function scoreMessage({ latent: _, ...score }: Score, windows: number): Message {
  return { kind: 'score', seq: 0, bytes: textFrame(JSON.stringify({ type: 'score', ...score, windows })) }
}
