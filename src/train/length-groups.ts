import type { Random } from '../random.ts'
import type { Batch } from './feature-set.ts'

/** Different lengths of batches, so that few graphs are compiled. */
const LENGTHS = 4

/** The number of frames that items of `real` frames are cut to: one of four, evenly spaced up to `frames`. */
export const cutLength = (real: number, frames: number): number =>
  Math.ceil((Math.ceil((LENGTHS * real) / frames) * frames) / LENGTHS)

/** Items of one length that wait for their batch to be full. */
interface Group {
  readonly frames: number
  readonly items: Float32Array
  readonly labels: Float32Array
  /** When each came, counted over all groups. */
  readonly arrivals: number[]
}

interface Waiting {
  readonly group: Group
  readonly at: number
}

/**
 * Makes batches of items of about the same number of frames, as TensorFlow's `bucket_by_sequence_length`: an item waits in the group of its
 * length until there is a batch of them. What is left at the end is batched across groups, so that there are as many batches as without.
 */
export class LengthGroups {
  readonly #size: number
  readonly #frames: number
  readonly #bins: number
  readonly #labelled: boolean
  readonly #groups = new Map<number, Group>()
  #count = 0

  /** @param options.labelled whether batches have labels */
  constructor(size: number, { frames, bins, labelled }: { frames: number; bins: number; labelled: boolean }) {
    this.#size = size
    this.#frames = frames
    this.#bins = bins
    this.#labelled = labelled
  }

  /**
   * @param item `[frames × bins]`, of which the first `real` frames are no padding
   * @returns the batch that it fills, to be read before the next item is added
   */
  add(item: Float32Array, real: number, label: number): Batch | undefined {
    const group = this.#groupOf(cutLength(real, this.#frames))
    const at = group.arrivals.push(this.#count++) - 1
    const length = group.frames * this.#bins
    group.items.set(item.subarray(0, length), at * length)
    group.labels[at] = label
    if (at + 1 < this.#size) return undefined
    group.arrivals.length = 0
    return this.#batch(group.items, group.labels, at + 1, group.frames)
  }

  /** Batches of what waits, full ones in random order, then those that came last. */
  *rest({ random, dropRemainder }: { random?: Random; dropRemainder?: boolean }): Generator<Batch> {
    const waiting = [...this.#groups.values()]
      .flatMap(group => group.arrivals.map((_, at): Waiting => ({ group, at })))
      .sort((a, b) => a.group.arrivals[a.at] - b.group.arrivals[b.at])
    const last = waiting.splice(waiting.length - (waiting.length % this.#size))
    waiting.sort((a, b) => a.group.frames - b.group.frames)
    const full = Array.from({ length: waiting.length / this.#size }, (_, i) =>
      waiting.slice(i * this.#size, (i + 1) * this.#size),
    )
    for (const batch of random ? random.shuffle(full) : full) yield this.#gather(batch)
    if (last.length > 0 && !dropRemainder) yield this.#gather(last)
  }

  #gather(waiting: readonly Waiting[]): Batch {
    const frames = Math.max(...waiting.map(({ group }) => group.frames))
    const length = frames * this.#bins
    const items = new Float32Array(waiting.length * length)
    for (const [i, { group, at }] of waiting.entries()) {
      const own = group.frames * this.#bins
      items.set(group.items.subarray(at * own, (at + 1) * own), i * length)
    }
    const labels = Float32Array.from(waiting, ({ group, at }) => group.labels[at])
    return this.#batch(items, labels, waiting.length, frames)
  }

  #batch(items: Float32Array, labels: Float32Array, n: number, frames: number): Batch {
    return this.#labelled ? { items, n, labels, frames } : { items, n, frames }
  }

  #groupOf(frames: number): Group {
    const size = this.#size
    const made = this.#groups.get(frames) ?? {
      frames,
      items: new Float32Array(size * frames * this.#bins),
      labels: new Float32Array(size),
      arrivals: [],
    }
    this.#groups.set(frames, made)
    return made
  }
}
