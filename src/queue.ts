import { AuscultError } from './errors.ts'

/** What a full queue does with a push: lets it wait for room, or takes out the oldest item. */
export type OverflowPolicy = 'pause' | 'drop-oldest'

/** Boxed, so that `undefined` can be an item. */
interface Boxed<T> {
  readonly value: T
}

interface Pushing<T> {
  readonly item: Boxed<T>
  readonly accepted: () => void
}

type Popping<T> = (item: Boxed<T> | undefined) => void

/**
 * A first-in first-out queue of at most `capacity` items between one or more producers and consumers.
 * Whatever was pushed is popped, or returned by `push` as dropped, or returned by `abandon`: nothing is lost unseen.
 */
export class BoundedQueue<T> {
  readonly capacity: number
  readonly policy: OverflowPolicy
  readonly #items: Boxed<T>[] = []
  readonly #pushing = new Set<Pushing<T>>()
  readonly #popping = new Set<Popping<T>>()
  #closed = false

  constructor(capacity: number, policy: OverflowPolicy = 'pause') {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`queue capacity ${capacity} is not a positive integer`)
    }
    this.capacity = capacity
    this.policy = policy
  }

  /** Items held, without those of pushes that wait for room. */
  get size(): number {
    return this.#items.length
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Pushes that wait for room plus pops that wait for an item. */
  get waiting(): number {
    return this.#pushing.size + this.#popping.size
  }

  /**
   * Resolves when the queue has taken the item: to the item that was dropped for it under `drop-oldest`, else to undefined.
   * @throws AUSCULT_QUEUE_CLOSED after `close`; the signal's reason if it aborts before there is room. The item is then not taken.
   */
  async push(value: T, signal?: AbortSignal): Promise<T | undefined> {
    if (this.#closed) throw new AuscultError('AUSCULT_QUEUE_CLOSED', 'the queue is closed')
    signal?.throwIfAborted()
    const item = { value }
    const [popping] = this.#popping
    if (popping) {
      this.#popping.delete(popping)
      popping(item)
    } else if (this.#items.length < this.capacity) {
      this.#items.push(item)
    } else if (this.policy === 'drop-oldest') {
      this.#items.push(item)
      return this.#items.shift()?.value
    } else {
      await this.#waitForRoom(item, signal)
    }
    return undefined
  }

  /** The oldest item, waiting for one; undefined once the queue is closed and empty. */
  async pop(): Promise<T | undefined> {
    return (await this.#next())?.value
  }

  /**
   * Up to `max` items, oldest first: waits for the first without limit, then for more until `waitMs` after the first came.
   * @returns an empty array once the queue is closed and empty
   */
  async popMany(max: number, waitMs: number): Promise<T[]> {
    const first = await this.#next()
    if (!first) return []
    const batch = [first.value]
    const takeHeld = () => {
      while (batch.length < max && this.#items.length > 0) batch.push(this.#take()!.value)
    }
    takeHeld()
    if (batch.length >= max || waitMs <= 0) return batch
    let giveUp = () => {}
    let late = false
    const timer = setTimeout(() => {
      late = true
      giveUp()
    }, waitMs)
    while (batch.length < max && !late) {
      const item = await this.#next(cancel => {
        giveUp = cancel
      })
      if (!item) break
      batch.push(item.value)
      takeHeld()
    }
    clearTimeout(timer)
    return batch
  }

  /** No more pushes. What was pushed before, waiting pushes too, can still be popped; then pops end. */
  close(): void {
    this.#closed = true
    const popping = [...this.#popping]
    this.#popping.clear()
    for (const end of popping) end(undefined)
  }

  /** Closes the queue and takes out all that is left, oldest first; pushes that wait for room resolve, their items are in the list. */
  abandon(): T[] {
    this.close()
    const rest: T[] = []
    for (let item = this.#take(); item; item = this.#take()) rest.push(item.value)
    return rest
  }

  #next(onWait?: (cancel: () => void) => void): Promise<Boxed<T> | undefined> {
    const item = this.#take()
    if (item || this.#closed) return Promise.resolve(item)
    return new Promise(resolve => {
      this.#popping.add(resolve)
      onWait?.(() => {
        if (this.#popping.delete(resolve)) resolve(undefined)
      })
    })
  }

  #take(): Boxed<T> | undefined {
    const item = this.#items.shift()
    const [pushing] = this.#pushing
    if (pushing) {
      this.#pushing.delete(pushing)
      this.#items.push(pushing.item)
      pushing.accepted()
    }
    return item
  }

  #waitForRoom(item: Boxed<T>, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#pushing.delete(pushing)
        reject(signal?.reason)
      }
      const accepted = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const pushing = { item, accepted }
      this.#pushing.add(pushing)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}
