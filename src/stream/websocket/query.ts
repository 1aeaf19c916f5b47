import { z } from '../../config.ts'
import { Refused } from '../http/answer.ts'
import { choiceSchema, LONGEST_SECONDS, type Subscription, subscriptionOf } from './subscription.ts'

/** Where a client wants to go on. */
export interface Resume {
  /** Undefined: with what comes. */
  readonly after: number | undefined
  /** The store that counts so; undefined: whichever is here. */
  readonly store: string | undefined
}

export interface Request extends Resume {
  readonly subscription: Subscription
}

const { sources, kinds, detail, view } = choiceSchema.shape
const decimal = z.string().regex(/^\d{1,4}(\.\d{1,6})?$/, `must be a number of seconds, at most ${LONGEST_SECONDS}`)

const querySchema = z.strictObject({
  source: sources,
  kind: kinds,
  every: decimal.transform(Number).pipe(z.number().max(LONGEST_SECONDS)).optional(),
  detail,
  view,
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the number of an event')
    .transform(Number)
    .optional(),
  store: z.string().min(1).max(100).optional(),
})
/** Those that may be given more than once. */
const LISTS: readonly string[] = ['source', 'kind', 'detail', 'view']

/** What the query of `/v1/stream` asks for. @throws Refused (400) that names what is wrong */
export function readQuery(url: string): Request {
  const query = new URLSearchParams(url.split('?', 2)[1] ?? '')
  const { success, data, error } = querySchema.safeParse(recordOf(query))
  if (!success) {
    const { at, message } = firstProblem(error)
    const remedy = 'Connect with what docs/websocket.md describes: source, kind, every, detail, view, after, store.'
    throw new Refused(400, 'AUSCULT_USAGE', message, { at: `/v1/stream?${at}`, remedy })
  }
  const { source, kind, every = 0, after, store } = data
  const choice = { sources: source, kinds: kind, every, detail: data.detail, view: data.view }
  return { subscription: subscriptionOf(choice), after, store }
}

function recordOf(query: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(query.keys())].map(name => {
      const values = query.getAll(name)
      return [name, values.length === 1 && !LISTS.includes(name) ? values[0] : values]
    }),
  )
}

/** The first thing that is wrong, and where. */
export function firstProblem({ issues }: z.ZodError): { at: string; message: string } {
  const [issue] = issues
  if (issue.code === 'unrecognized_keys') return { at: issue.keys[0], message: 'this is not known here' }
  return { at: issue.path.join('.'), message: issue.message }
}
