import { z } from '../config.ts'
import type { Ring } from './ring.ts'

export const batchSchema = z.strictObject({
  max: z.number().int().min(1).max(4096).default(64).describe('Windows in a batch at most, across sources'),
  wait_ms: z.number().nonnegative().max(10_000).default(20).describe('Milliseconds that a window waits for company'),
})

export type BatchConfig = z.infer<typeof batchSchema>

export interface BatcherOptions<T> extends BatchConfig {
  /** Where items wait, one ring for each source. May grow. */
  readonly rings: readonly Ring<T>[]
  /** Whether a batch would be taken now. While it says no, items stay in their rings, and sources feel it. */
  readonly free: () => boolean
  /** Takes a batch of 1 to `max` items; the items of a source are in order. */
  readonly emit: (items: T[]) => void
}

/**
 * Forms batches across sources: as soon as `max` items wait, or when the first of them has waited `wait_ms`.
 * Takes from the sources in turn, so that a busy one does not starve the others. One timer per batch, none per item.
 */
export class Batcher<T> {
  readonly #options: BatcherOptions<T>
  #waiting = 0
  #turn = 0
  #due = false
  #closing = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: BatcherOptions<T>) {
    this.#options = options
  }

  /** Items that wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** Says that an item was put into a ring (and none taken out for it). */
  added(): void {
    this.#waiting++
    if (this.#waiting >= this.#options.max || this.#closing) this.poke()
    else this.#arm()
  }

  /** Says that `free` may have turned true. */
  poke(): void {
    const { max, free, emit } = this.#options
    while (this.#waiting > 0 && (this.#due || this.#closing || this.#waiting >= max) && free()) {
      this.#disarm()
      emit(this.#take(max))
    }
    if (this.#waiting > 0) this.#arm()
  }

  /** From now on nothing waits for company. */
  close(): void {
    this.#closing = true
    this.poke()
  }

  /** Takes out all that waits. */
  clear(): T[] {
    this.#disarm()
    return this.#take(Number.POSITIVE_INFINITY)
  }

  #arm(): void {
    if (this.#timer || this.#due) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#due = true
      this.poke()
    }, this.#options.wait_ms)
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#due = false
  }

  #take(max: number): T[] {
    const { rings } = this.#options
    const items: T[] = []
    const wanted = Math.min(max, this.#waiting)
    for (let empty = 0; items.length < wanted && empty < rings.length; this.#turn = (this.#turn + 1) % rings.length) {
      const item = rings[this.#turn].shift()
      if (item === undefined) empty++
      else {
        empty = 0
        items.push(item)
      }
    }
    this.#waiting -= items.length
    return items
  }
}
