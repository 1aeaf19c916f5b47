import { EVENT_KINDS } from '../event-facts.ts'
import type { Batch, Message } from './batch.ts'
import type { Member } from './channel.ts'
import type { Closing, Counts } from './counts.ts'
import { textFrame } from './frame.ts'
import type { History, Pages } from './pages.ts'
import type { Subscription } from './subscription.ts'

/** What is used of a connection. */
export interface Connection {
  /** Bytes that wait to be sent. */
  readonly backlog: number
  /** Whole frames. Calls back when they have gone out, or failed to. */
  write(frames: readonly Uint8Array[], done?: () => void): void
  close(code: number, reason: string): void
}

export interface ClientOptions {
  readonly connection: Connection
  readonly subscription: Subscription
  readonly history: History
  readonly pages: Pages
  /** Events with a higher number are sent to it. */
  readonly position: number
  readonly counts: Counts
}

/** Above this many unsent bytes a client gets no more scores and views, until it has caught up. */
export const SCORE_LIMIT = 256 << 10
/** Above this many it is sent away: it reads more slowly than events come. */
export const EVENT_LIMIT = 4 << 20
const SLOW = 4008
const TRY_AGAIN_LATER = 1013

/**
 * Somebody who listens. Each event after `position` that it wants is sent to it once, in order: from the store while it is behind, at the pace
 * at which it reads, and as they come when it is not.
 */
export class Client implements Member {
  readonly #options: ClientOptions
  #subscription: Subscription
  #position: number
  #catchingUp = false
  /** Sources whose first view it has not had. */
  #unseen: Set<string>
  #lostScores = 0
  #lostViews = 0
  #closing: Closing | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#subscription = options.subscription
    this.#unseen = new Set(options.subscription.view)
    this.#position = options.position
    if (this.#position < options.history.last) void this.#catchUp()
  }

  get subscription(): Subscription {
    return this.#subscription
  }

  /** All that it wants up to this number has been sent to it. */
  get position(): number {
    return this.#position
  }

  /** Why it was sent away; undefined while it was not. */
  get closing(): Closing | undefined {
    return this.#closing
  }

  /** From the events after `position` on it wants something else. */
  subscribe(subscription: Subscription): void {
    this.#unseen = new Set(subscription.view)
    this.#subscription = subscription
  }

  /** It has been given everything of what was published up to this number. */
  reached(seq: number): void {
    if (!this.#catchingUp && this.#closing === undefined) this.#position = Math.max(this.#position, seq)
  }

  /** What is for it alone. */
  tell(message: object): void {
    if (this.#closing === undefined) this.#options.connection.write([textFrame(JSON.stringify(message))])
  }

  take(batch: Batch): void {
    if (this.#closing !== undefined) return
    const { connection } = this.#options
    const { backlog } = connection
    const isPlain = batch.firstSeq > this.#position && !this.#catchingUp && !(batch.hasViews && this.#unseen.size > 0)
    // What waits for slow clients is shared by all of them, as it is.
    const frames = isPlain && backlog === 0 ? [batch.bytes] : this.#select(batch, backlog)
    if (this.#closing !== undefined) return
    if (frames.length > 0) connection.write(frames)
    if (!this.#catchingUp) this.#position = Math.max(this.#position, batch.lastSeq)
  }

  /** All of its messages have gone out. */
  drained(): void {
    if (this.#lostScores === 0 && this.#lostViews === 0) return
    this.tell({ type: 'unsent', scores: this.#lostScores, views: this.#lostViews })
    this.#lostScores = 0
    this.#lostViews = 0
  }

  /** The connection is no more. @returns why */
  gone(why: Closing): Closing {
    this.#closing ??= why
    return this.#closing
  }

  close(why: Closing, code: number, reason: string): void {
    if (this.#closing !== undefined) return
    this.#closing = why
    this.#options.connection.close(code, reason)
  }

  /** What it is to get of a batch, with `backlog` bytes before it. */
  #select(batch: Batch, backlog: number): Buffer[] {
    const frames: Buffer[] = []
    for (const message of batch.messages) {
      const { kind, seq, bytes } = message
      if (kind !== 'event') {
        if (backlog > SCORE_LIMIT) this.#lose(kind)
        else frames.push(this.#formOf(message))
      } else if (!this.#catchingUp && seq > this.#position) {
        if (backlog > EVENT_LIMIT) {
          this.close('slow', SLOW, `too slow; resume after seq ${this.#position}`)
          return []
        }
        frames.push(bytes)
      }
    }
    return frames
  }

  #formOf({ source = '', first, bytes }: Message): Buffer {
    return first && this.#unseen.delete(source) ? first() : bytes
  }

  #lose(kind: Message['kind']): void {
    const { counts } = this.#options
    if (kind === 'score') {
      this.#lostScores++
      counts.unsentScores++
    } else if (kind === 'view') {
      this.#lostViews++
      counts.unsentViews++
    }
  }

  async #catchUp(): Promise<void> {
    const { history } = this.#options
    this.#catchingUp = true
    try {
      // Nothing is read for a client that does not read.
      await this.#written([])
      while (this.#position < history.last && this.#closing === undefined) await this.#page()
    } catch {
      this.close('store', TRY_AGAIN_LATER, 'the event store cannot be read')
    }
    this.#catchingUp = false
  }

  async #page(): Promise<void> {
    const { history, pages } = this.#options
    const subscription = this.#subscription
    const { sources, kinds } = subscription
    const after = this.#position
    if (!wantsEvents(subscription)) {
      this.#position = history.last
      return
    }
    const { events, upTo } = await pages.read(after, sources ? [...sources, ''] : undefined)
    // It wants something else by now.
    if (subscription !== this.#subscription) return
    if (history.first > after + 1) {
      this.close('overtaken', TRY_AGAIN_LATER, 'events were deleted before they could be sent')
      return
    }
    this.#position = upTo
    await this.#written(events.filter(({ of }) => kinds.has(of)).map(({ bytes }) => bytes))
  }

  /** Resolves when the network has taken them, or never will. */
  #written(frames: readonly Buffer[]): Promise<void> {
    return new Promise(resolve => this.#options.connection.write(frames, resolve))
  }
}

const wantsEvents = ({ kinds }: Subscription): boolean => EVENT_KINDS.some(kind => kinds.has(kind))
