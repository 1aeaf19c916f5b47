/** A message that is sent to many, made into bytes once. */
export interface Message {
  /** Slow clients lose scores, views and status, but no event. */
  readonly kind: 'event' | 'score' | 'view' | 'status'
  readonly bytes: Buffer
  /** Number of the event; 0 for all else. */
  readonly seq: number
  /** Source of a view. */
  readonly source?: string
  /** Of a view: the same with what a client needs once, in the first of its source. */
  first?(): Buffer
}

/** Messages that those of one subscription get together, in one write. */
export class Batch {
  readonly number: number
  readonly messages: readonly Message[]
  /** Numbers of its first and last event; none: `Infinity` and 0. */
  readonly firstSeq: number
  readonly lastSeq: number
  readonly hasViews: boolean
  #bytes: Buffer | undefined

  constructor(number: number, messages: readonly Message[]) {
    this.number = number
    this.messages = messages
    this.firstSeq = messages.find(({ seq }) => seq > 0)?.seq ?? Number.POSITIVE_INFINITY
    this.lastSeq = messages.findLast(({ seq }) => seq > 0)?.seq ?? 0
    this.hasViews = messages.some(({ kind }) => kind === 'view')
  }

  get bytes(): Buffer {
    this.#bytes ??=
      this.messages.length === 1 ? this.messages[0].bytes : Buffer.concat(this.messages.map(({ bytes }) => bytes))
    return this.#bytes
  }
}
