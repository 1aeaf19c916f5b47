import type { Score } from '../../types.ts'

/** Arrays of one window each, within a budget. Those that are given back are used again. */
export class WindowMemory {
  readonly size: number
  /** Windows that fit into the budget; at least one. */
  readonly capacity: number
  readonly #reserve: number
  readonly #free: Float32Array[] = []
  #used = 0

  /** @param size values of a window */
  constructor(size: number, bytes: number) {
    this.size = size
    this.capacity = Math.max(1, Math.floor(bytes / (size * Float32Array.BYTES_PER_ELEMENT)))
    this.#reserve = Math.ceil(this.capacity / 4)
  }

  /** Windows that are kept. */
  get used(): number {
    return this.#used
  }

  /**
   * Copies a window; undefined when there is no room. The last quarter of the room is for the worst windows of episodes, without which
   * there is no evidence at all.
   */
  keep(window: Float32Array, isWorst: boolean): Float32Array | undefined {
    if (this.#used + (isWorst ? 0 : this.#reserve) >= this.capacity) return undefined
    const array = this.#free.pop() ?? new Float32Array(this.size)
    array.set(window)
    this.#used++
    return array
  }

  giveBack(array: Float32Array): void {
    this.#used--
    this.#free.push(array)
  }
}

/** A window that several may hold; its array goes back into the memory when the last one lets go of it. */
export class KeptWindow {
  readonly id: string
  readonly stream: string
  readonly offset: number
  readonly time: number
  readonly score: number
  readonly data: Float32Array
  readonly #memory: WindowMemory
  #holders = 1

  constructor({ id, stream, offset, time, score }: Score, data: Float32Array, memory: WindowMemory) {
    this.id = id
    this.stream = stream
    this.offset = offset
    this.time = time
    this.score = score
    this.data = data
    this.#memory = memory
  }

  hold(): this {
    this.#holders++
    return this
  }

  release(): void {
    if (--this.#holders === 0) this.#memory.giveBack(this.data)
  }
}
