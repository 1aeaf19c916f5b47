import { eventToJson, sourceOf } from '../../src/stream/event-json.ts'
import type { EventFilter, StoredText } from '../../src/stream/store/event-store.ts'
import type { History } from '../../src/stream/websocket/pages.ts'
import type { AuscultEvent } from '../../src/types.ts'

/** Numbered events in memory, as the store gives them to those who come back. */
export class MemoryHistory implements History {
  readonly id: string
  first = 1
  last = 0
  readonly #events: { seq: number; source: string; text: string }[] = []

  constructor(id = 'test') {
    this.id = id
  }

  /** @returns its number */
  add(event: AuscultEvent): number {
    this.last++
    this.#events.push({ seq: this.last, source: sourceOf(event), text: JSON.stringify(eventToJson(event)) })
    return this.last
  }

  /** Deletes what is before a number, as retention does. */
  forget(before: number): void {
    this.first = before
    while (this.#events[0]?.seq < before) this.#events.shift()
  }

  async textsAfter(seq: number, limit: number, { sources }: EventFilter = {}): Promise<StoredText[]> {
    const wanted = this.#events.filter(each => each.seq > seq && (!sources || sources.includes(each.source)))
    return wanted.slice(0, limit).map(each => ({ seq: each.seq, text: each.text }))
  }
}
