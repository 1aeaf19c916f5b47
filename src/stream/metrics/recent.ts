/** Buckets in a factor of two: a value is known to 4.5 %. */
const PER_OCTAVE = 8
/** Seconds: the edge of the lowest bucket. The highest is `LEAST · 2 ** OCTAVES`, 29 minutes. */
const LEAST = 0.0001
const OCTAVES = 24
const BUCKETS = PER_OCTAVE * OCTAVES
/** Slots of a second. */
const SLOTS = 60
const RATE_SLOTS = 10

/**
 * How many windows there were in the last seconds and how long they took, in memory and time that do not grow with their number. It goes by
 * the monotonic clock, so that a clock that is set does not matter.
 */
export class Recent {
  readonly #now: () => number
  readonly #counts = new Uint32Array(SLOTS * BUCKETS)
  readonly #totals = new Uint32Array(SLOTS)
  /** Of all slots. */
  readonly #sum = new Uint32Array(BUCKETS)
  readonly #begin: number
  #second: number

  /** @param now milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#second = Math.floor(now() / 1000)
    this.#begin = this.#second
  }

  /** Forgets what is older than a minute. To be called before a batch is added: `add` does not look at the clock. */
  advance(): void {
    const second = Math.floor(this.#now() / 1000)
    const passed = Math.min(SLOTS, second - this.#second)
    for (let i = 1; i <= passed; i++) this.#clear((this.#second + i) % SLOTS)
    if (passed > 0) this.#second = second
  }

  add(seconds: number): void {
    const bucket = bucketOf(seconds)
    const slot = this.#second % SLOTS
    this.#counts[slot * BUCKETS + bucket]++
    this.#totals[slot]++
    this.#sum[bucket]++
  }

  /** Windows a second, over the last 10 seconds that are complete, or those since the start. */
  get rate(): number {
    this.advance()
    const seconds = Math.min(RATE_SLOTS, this.#second - this.#begin)
    let windows = 0
    for (let i = 1; i <= seconds; i++) windows += this.#totals[(this.#second - i) % SLOTS]
    return seconds === 0 ? 0 : windows / seconds
  }

  /** Seconds that this part of the windows of the last minute took at most; null when there were none. @param q 0 to 1 */
  quantile(q: number): number | null {
    this.advance()
    const total = this.#totals.reduce((sum, n) => sum + n, 0)
    if (total === 0) return null
    const rank = Math.max(1, Math.ceil(q * total))
    let seen = 0
    const bucket = this.#sum.findIndex(n => {
      seen += n
      return seen >= rank
    })
    return LEAST * 2 ** ((bucket + 0.5) / PER_OCTAVE)
  }

  #clear(slot: number): void {
    if (this.#totals[slot] === 0) return
    const counts = this.#counts.subarray(slot * BUCKETS, (slot + 1) * BUCKETS)
    for (let i = 0; i < BUCKETS; i++) this.#sum[i] -= counts[i]
    counts.fill(0)
    this.#totals[slot] = 0
  }
}

function bucketOf(seconds: number): number {
  const bucket = Math.floor(Math.log2(seconds / LEAST) * PER_OCTAVE)
  return bucket > 0 ? Math.min(bucket, BUCKETS - 1) : 0
}
