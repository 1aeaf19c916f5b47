import { numbered } from './event-json.ts'
import type { EventStore } from './store/event-store.ts'

/** What a client needs of the store to be sent what it missed. */
export type History = Pick<EventStore, 'id' | 'first' | 'last' | 'textsAfter'>

/** What is used of a WebSocket. */
export interface Socket {
  readonly readyState: number
  readonly OPEN: number
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number
  /** Calls back when it has gone out, or failed to. */
  send(text: string, done?: () => void): void
  ping(data?: undefined, mask?: undefined, done?: () => void): void
  close(code: number, reason: string): void
  terminate(): void
}

export interface StreamClientOptions {
  readonly socket: Socket
  readonly history: History
  /** Undefined: all. */
  readonly sources: ReadonlySet<string> | undefined
  readonly scores: boolean
  /** Events with a higher number are sent to it. */
  readonly position: number
}

/** Above this many unsent bytes a client gets no more scores, until it has caught up. */
const SCORE_LIMIT = 256 << 10
/** Above this many its events come from the store, at the pace at which it reads. */
const EVENT_LIMIT = 4 << 20
/** Events that are read from the store at once. */
const PAGE = 200
const TRY_AGAIN_LATER = 1013

/**
 * Somebody who listens. Each event after `position` that it wants is sent to it once, in order: from the store while it is behind, and as
 * they come when it is not.
 */
export class StreamClient {
  readonly socket: Socket
  readonly scores: boolean
  /** Whether it has answered since the last ping. */
  alive = true
  readonly #history: History
  readonly #sources: ReadonlySet<string> | undefined
  #position: number
  #catchingUp = false

  constructor({ socket, history, sources, scores, position }: StreamClientOptions) {
    this.socket = socket
    this.scores = scores
    this.#history = history
    this.#sources = sources
    this.#position = position
    if (position < history.last) void this.#catchUp()
  }

  wants(source: string): boolean {
    return this.#sources === undefined || this.#sources.has(source)
  }

  /** @returns whether it was sent: not to a client that is slow */
  score(text: string): boolean {
    if (this.socket.bufferedAmount > SCORE_LIMIT) return false
    this.socket.send(text)
    return true
  }

  /** A new event, as text with its number. */
  event(source: string, seq: number, text: string): void {
    if (this.#catchingUp || seq <= this.#position) return
    if (this.socket.bufferedAmount > EVENT_LIMIT) void this.#catchUp()
    else {
      this.#position = seq
      if (this.wants(source)) this.socket.send(text)
    }
  }

  async #catchUp(): Promise<void> {
    this.#catchingUp = true
    try {
      // A ping is written out after all that was sent before.
      await new Promise<void>(resolve => this.socket.ping(undefined, undefined, resolve))
      while (this.#position < this.#history.last && this.socket.readyState === this.socket.OPEN) await this.#sendPage()
    } catch {
      this.socket.close(TRY_AGAIN_LATER, 'the event store cannot be read')
    }
    this.#catchingUp = false
  }

  async #sendPage(): Promise<void> {
    const after = this.#position
    const { last } = this.#history
    const page = await this.#history.textsAfter(after, PAGE, { sources: this.#sources && [...this.#sources] })
    if (this.#history.first > after + 1) {
      this.socket.close(TRY_AGAIN_LATER, 'events were deleted before they could be sent')
      return
    }
    let flushed: Promise<void> | undefined
    for (const { seq, text } of page) {
      this.#position = seq
      flushed = new Promise<void>(resolve => this.socket.send(numbered(seq, text), resolve))
    }
    if (page.length < PAGE) this.#position = Math.max(this.#position, last)
    await flushed
  }
}
