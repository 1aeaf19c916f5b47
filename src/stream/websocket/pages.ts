import { numbered } from '../event-json.ts'
import type { EventStore, StoredText } from '../store/event-store.ts'
import type { Message } from './batch.ts'
import { textFrame } from './frame.ts'
import { type Kind, kindOfText } from './kinds.ts'

/** What clients need of the store to be sent what they missed. */
export type History = Pick<EventStore, 'id' | 'first' | 'last' | 'textsAfter'>

export interface StoredMessage extends Message {
  readonly of: Kind
}

export interface Page {
  readonly events: readonly StoredMessage[]
  /** Up to this number there is nothing else that is wanted. */
  readonly upTo: number
}

/** Events that are read at once. */
export const PAGE = 100
/** Reads that wait for the store at once: what is to be stored waits behind them. */
const MOST_READS = 2

/**
 * Reads the store for those who come back. After a restart all of them do, and most want the same pages: each is read once for those who wait
 * for it, and few at a time.
 */
export class Pages {
  readonly #history: History
  readonly #reads = new Map<string, Promise<Page>>()
  readonly #queue: (() => void)[] = []
  #running = 0

  constructor(history: History) {
    this.#history = history
  }

  /** The first events after a number, of some sources or of all. @throws AUSCULT_STORE */
  read(after: number, sources: readonly string[] | undefined): Promise<Page> {
    const key = JSON.stringify([after, sources])
    let page = this.#reads.get(key)
    if (!page) {
      page = this.#read(after, sources).finally(() => this.#reads.delete(key))
      this.#reads.set(key, page)
    }
    return page
  }

  async #read(after: number, sources: readonly string[] | undefined): Promise<Page> {
    if (this.#running >= MOST_READS) await new Promise<void>(resolve => this.#queue.push(resolve))
    else this.#running++
    try {
      // Taken before it is read: what comes later may or may not be in the page.
      const { last } = this.#history
      const texts = await this.#history.textsAfter(after, PAGE, { sources })
      const end = texts.at(-1)?.seq ?? after
      return { events: texts.map(messageOf), upTo: texts.length < PAGE ? Math.max(end, last) : end }
    } finally {
      // Its place goes to the next in line.
      const next = this.#queue.shift()
      if (next) next()
      else this.#running--
    }
  }
}

const messageOf = ({ seq, text }: StoredText): StoredMessage => ({
  kind: 'event',
  of: kindOfText(text),
  seq,
  bytes: textFrame(numbered(seq, text)),
})
