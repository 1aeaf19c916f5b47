import { rowOf } from '../../src/stream/store/rows.ts'
import type { WebhookOutbox } from '../../src/stream/webhook/webhook-sink.ts'
import type { AuscultEvent } from '../../src/types.ts'

/** What followers see of an event store, in memory and in this thread. */
export class MemoryOutbox implements WebhookOutbox {
  readonly id = 'memory'
  readonly #texts: string[] = []
  readonly #cursors = new Map<string, number>()

  get last(): number {
    return this.#texts.length
  }

  async append(events: readonly AuscultEvent[]): Promise<number[]> {
    return events.map(event => this.#texts.push(rowOf(event).text))
  }

  async textsAfter(after: number, limit: number) {
    return this.#texts.slice(after, after + limit).map((text, i) => ({ seq: after + i + 1, text }))
  }

  async cursor(name: string): Promise<number | undefined> {
    return this.#cursors.get(name)
  }

  async setCursor(name: string, seq: number): Promise<void> {
    this.#cursors.set(name, seq)
  }
}
