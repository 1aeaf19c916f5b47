import type { Score } from '../../types.ts'

/** Told of the highest score of an interval, and for how many windows it stands. */
export type Emit = (score: Score, windows: number) => void

interface Bucket {
  /** Which interval of feed time it is. */
  readonly index: number
  /** When it began, on the clock that nobody sets. */
  readonly since: number
  highest: Score
  windows: number
}

interface Source {
  bucket: Bucket | undefined
  /** Intervals up to this one have had their score. */
  done: number
  /** Feed time of the latest window, ms. */
  time: number
}

/** What an interval of feed time may last longer on the wall before its score goes out. */
const PATIENCE_MS = 1000
/** So often sources without an open interval are forgotten, so that those that are gone take no room. */
const FORGET_MS = 600_000

/**
 * Of each source the highest score of every so many seconds of feed time. It goes out with the last window of its interval, as far as the
 * pace of the windows tells which one that is; else with the first of the next; and without one, when the interval has long been over by
 * the clock. Feed time may go backwards: then an interval ends by the clock.
 */
export class Decimator {
  readonly #ms: number
  readonly #emit: Emit
  readonly #sources = new Map<string, Source>()
  /** Sources with an open bucket, the oldest first. */
  readonly #open = new Map<string, Bucket>()
  #swept = 0

  /** @param every seconds */
  constructor(every: number, emit: Emit) {
    this.#ms = every * 1000
    this.#emit = emit
  }

  /** @param now milliseconds on the clock that nobody sets */
  add(score: Score, now: number): void {
    const source = this.#sourceOf(score.source)
    const hop = score.time - source.time
    source.time = score.time
    const index = Math.floor(score.time / this.#ms)
    if (source.bucket && index > source.bucket.index) this.#finish(score.source, source)
    const bucket = source.bucket ?? this.#begin(score, source, index, now)
    if (bucket.highest !== score) {
      bucket.windows++
      if (isWorse(score, bucket.highest)) bucket.highest = score
    }
    const next = Math.floor((score.time + hop) / this.#ms)
    if (hop > 0 && index === bucket.index && next > index) this.#finish(score.source, source)
  }

  /** Sends what nothing follows. */
  sweep(now: number): void {
    for (const [name, { since }] of this.#open) {
      if (now - since < this.#ms + PATIENCE_MS) break
      this.#finish(name, this.#sources.get(name)!)
      // What follows may be of any time.
      this.#sources.get(name)!.done = Number.NEGATIVE_INFINITY
    }
    if (now - this.#swept < FORGET_MS) return
    this.#swept = now
    for (const [name, { bucket }] of this.#sources) if (!bucket) this.#sources.delete(name)
  }

  /** Sends all that waits. */
  flush(): void {
    for (const name of [...this.#open.keys()]) this.#finish(name, this.#sources.get(name)!)
  }

  #sourceOf(name: string): Source {
    let source = this.#sources.get(name)
    if (!source) {
      source = { bucket: undefined, done: Number.NEGATIVE_INFINITY, time: Number.NaN }
      this.#sources.set(name, source)
    }
    return source
  }

  /** A window of an interval that has had its score counts for the next one. */
  #begin(score: Score, source: Source, index: number, now: number): Bucket {
    const bucket = { index: Math.max(index, source.done + 1), since: now, highest: score, windows: 1 }
    source.bucket = bucket
    this.#open.set(score.source, bucket)
    return bucket
  }

  #finish(name: string, source: Source): void {
    const { index, highest, windows } = source.bucket!
    source.bucket = undefined
    source.done = index
    this.#open.delete(name)
    this.#emit(highest, windows)
  }
}

/** An anomalous window is never hidden by one that is not, whatever their thresholds were. */
function isWorse(a: Score, b: Score): boolean {
  if (a.anomalous !== b.anomalous) return a.anomalous
  return a.score > b.score
}
