import { z } from '../../config.ts'
import { pack32, unpack32 } from '../packed.ts'
import { checkState, count, damaged } from './state.ts'

const stateSchema = z.strictObject({ version: z.literal(1), seen: count, scores: z.string() })
/** Places at first; doubled as they fill. */
const PLACES = 128

/**
 * A sample of recent scores in constant memory, from which a source is calibrated anew (Aggarwal, VLDB 2006: a biased reservoir). Until
 * it is full every score is kept; then a score takes a random place with probability capacity / horizon, so that older ones fade
 * exponentially: half of those of `horizon` windows ago are gone after 0.7 of it. Which, follows from the seed and the count alone.
 *
 * Give it every window outside episodes, lone ones above the threshold too: they are the tail of what is normal, and a calibration
 * without them would set the threshold lower each time.
 */
export class ScoreReservoir {
  readonly #capacity: number
  readonly #horizon: number
  readonly #seed: number
  #seen = 0
  /** Scores are float32 as they come; of these places the first `#size` are taken. */
  #scores: Float32Array = new Float32Array(0)
  #size = 0

  /** @param horizon windows that the sample spans, at least the capacity */
  constructor(capacity: number, horizon: number, seed = 0) {
    this.#capacity = capacity
    this.#horizon = Math.max(capacity, horizon)
    this.#seed = seed
  }

  /** In no particular order. */
  get scores(): Float32Array {
    return this.#scores.subarray(0, this.#size)
  }

  /** Scores that came since the start. */
  get seen(): number {
    return this.#seen
  }

  push(score: number): void {
    if (!Number.isFinite(Math.fround(score))) return
    this.#seen++
    if (this.#size < this.#capacity) {
      if (this.#size === this.#scores.length) this.#grow()
      this.#scores[this.#size++] = score
      return
    }
    const place = Math.floor(uniform(this.#seed, this.#seen) * this.#horizon)
    if (place < this.#capacity) this.#scores[place] = score
  }

  /** After a calibration: older scores are of another normal. */
  clear(): void {
    this.#size = 0
  }

  snapshot(): z.infer<typeof stateSchema> {
    return { version: 1, seen: this.#seen, scores: pack32(this.scores) }
  }

  /** @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const { seen, scores: text } = checkState(raw, stateSchema, 'reservoir')
    const scores = unpack32(text)
    if (!scores) throw damaged('reservoir', 'its scores cannot be read')
    if (scores.length > this.#capacity || scores.length > seen) throw damaged('reservoir', 'it holds too many scores')
    this.#seen = seen
    this.#scores = scores
    this.#size = scores.length
  }

  #grow(): void {
    const places = Math.min(this.#capacity, Math.max(PLACES, 2 * this.#size))
    const scores = new Float32Array(places)
    scores.set(this.#scores)
    this.#scores = scores
  }
}

/** The i-th of a row of numbers in [0, 1): 32 bits of Murmur3's finaliser (Appleby), which needs no state to be kept. */
function uniform(seed: number, i: number): number {
  let h = (Math.imul(seed, 0x85ebca6b) + Math.imul(i, 0x9e3779b9)) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}
