import type { z } from '../../config.ts'
import { type Client, type Connection, SCORE_LIMIT } from './client.ts'
import type { Listener } from './connection.ts'
import type { Closing, Counts } from './counts.ts'
import { subscribeSchema } from './messages.ts'
import { firstProblem } from './query.ts'
import { RateLimit } from './rate.ts'
import { type Subscription, subscriptionOf } from './subscription.ts'

/** What is used of the connection. */
export interface Peer extends Connection {
  /** Bytes that the network has taken. */
  readonly taken: number
  ping(): void
  pong(payload: Buffer): void
  /** Reads no more of what it sends, and cuts it off soon. */
  mute(graceMs: number): void
  terminate(): void
}

export interface SessionOptions {
  readonly connection: Peer
  readonly client: Client
  readonly counts: Counts
  subscribe(subscription: Subscription): void
  gone(why: Closing): void
}

/** Messages, pings and pongs of a client: so many at once, and a second in the long run. */
const MESSAGES = [60, 10] as const
/** Of them, those that are wrong. */
const MISTAKES = [10, 0.2] as const
const POLICY = 1008
/** Who sends too much is not waited for. */
const FLOOD_GRACE_MS = 1000
/** Beats that may stay without an answer. */
const UNANSWERED = 2

const KNOWN = 'This daemon knows: subscribe.'

/** The connection of one client: what it says, and whether it is still there. */
export class Session implements Listener {
  readonly client: Client
  readonly #options: SessionOptions
  readonly #messages: RateLimit
  readonly #mistakes: RateLimit
  #unanswered = 0
  #taken = 0
  /** When its latest heartbeat was. */
  beatAt = performance.now()

  constructor(options: SessionOptions) {
    this.client = options.client
    this.#options = options
    this.#messages = new RateLimit(...MESSAGES, this.beatAt)
    this.#mistakes = new RateLimit(...MISTAKES, this.beatAt)
  }

  message(text: string | undefined): void {
    if (!this.#allows()) return
    try {
      const { type: _, ...choice } = readMessage(text)
      this.#options.subscribe(subscriptionOf(choice))
    } catch (error) {
      if (!(error instanceof Mistake)) throw error
      this.#answer(error)
    }
  }

  ping(payload: Buffer): void {
    if (this.#allows()) this.#options.connection.pong(payload)
  }

  pong(): void {
    if (this.#allows()) this.#unanswered = 0
  }

  drained(): void {
    this.client.drained()
  }

  gone(why: Closing): void {
    this.#options.gone(this.client.gone(why))
  }

  /** Says that the daemon is there, and asks whether the client is. */
  beat(now: number, heartbeat: () => Buffer): void {
    const { connection } = this.#options
    this.beatAt = now
    // Who is slow but reads answers when it comes to the ping.
    if (connection.backlog > 0 && connection.taken > this.#taken) this.#unanswered = 0
    this.#taken = connection.taken
    if (this.#unanswered >= UNANSWERED) {
      this.client.close('silent', POLICY, 'no answer to pings')
      connection.terminate()
      return
    }
    this.#unanswered++
    if (connection.backlog > SCORE_LIMIT) return
    connection.ping()
    connection.write([heartbeat()])
  }

  /** Whether it may say something now. Who says too much is sent away. */
  #allows(): boolean {
    const { client } = this
    if (client.closing !== undefined) return false
    this.#unanswered = 0
    if (this.#messages.take(performance.now())) return true
    this.#flood('too many messages')
    return false
  }

  #answer({ at, message, remedy }: Mistake): void {
    this.#options.counts.errors++
    this.client.tell({ type: 'error', code: 'AUSCULT_USAGE', message, at, remedy })
    if (!this.#mistakes.take(performance.now())) this.#flood('too many messages that cannot be understood')
  }

  #flood(reason: string): void {
    const { connection } = this.#options
    this.client.close('flood', POLICY, reason)
    connection.mute(FLOOD_GRACE_MS)
  }
}

/** What is wrong with a message of a client, where, and what to do. */
class Mistake extends Error {
  readonly at: string
  readonly remedy: string

  constructor(message: string, at: string, remedy: string) {
    super(message)
    this.at = at
    this.remedy = remedy
  }
}

function readMessage(text: string | undefined): z.infer<typeof subscribeSchema> {
  if (text === undefined) throw new Mistake('messages are text', 'message', 'Send JSON as text, not as bytes.')
  const json = parse(text)
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined
  if (type !== 'subscribe') throw new Mistake('no message of this type is known here', 'type', KNOWN)
  const { success, data, error } = subscribeSchema.safeParse(json)
  if (success) return data
  const { at, message } = firstProblem(error)
  throw new Mistake(message, at, 'Nothing was changed. docs/websocket.md describes the fields of subscribe.')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Mistake('this is not JSON', 'message', 'Send one JSON object a message.')
  }
}
