/** A message that is sent to many, made into bytes once. */
export interface Message {
  /** Slow clients lose scores, views and status, but no event. */
  readonly kind: 'event' | 'score' | 'view' | 'status'
  readonly bytes: Buffer
  /** Number of the event; 0 for all else. */
  readonly seq: number
  /** Of a view: its source, and the same with what a client needs once, in the first. */
  readonly source?: string
  readonly first?: Buffer
}

/** Messages that those of one subscription get together, in one write. */
export class Batch {
  readonly number: number
  readonly messages: readonly Message[]
  /** Numbers of its first and last event; none: `Infinity` and 0. */
  readonly firstSeq: number
  readonly lastSeq: number
  #bytes: Buffer | undefined

  constructor(number: number, messages: readonly Message[]) {
    this.number = number
    this.messages = messages
    this.firstSeq = messages.find(({ seq }) => seq > 0)?.seq ?? Number.POSITIVE_INFINITY
    this.lastSeq = messages.findLast(({ seq }) => seq > 0)?.seq ?? 0
  }

  get bytes(): Buffer {
    this.#bytes ??=
      this.messages.length === 1 ? this.messages[0].bytes : Buffer.concat(this.messages.map(({ bytes }) => bytes))
    return this.#bytes
  }
}
