/** Part of the tokens that only anomalous windows may take. */
const RESERVE = 0.5
/** A source that gave no window for so long does not count. */
const GONE_MS = 60_000

interface Seen {
  at: number
  /** When a normal window of it is taken again. */
  due: number
}

/**
 * Chooses the windows that are placed: a bucket of tokens that fills at `rate` a second and holds those of one second. Half of it is kept
 * for anomalous windows. Of the others each source gets its share, so that the same few do not take all of it.
 */
export class Admission {
  readonly #rate: number
  readonly #capacity: number
  readonly #sources = new Map<string, Seen>()
  #tokens: number
  #filledAt = Number.NaN
  #prunedAt = 0

  /** @param rate a second */
  constructor(rate: number) {
    this.#rate = rate
    this.#capacity = Math.max(1, rate)
    this.#tokens = this.#capacity
  }

  /** Whether a window is placed. @param now ms, does not go backwards by much */
  take(source: string, anomalous: boolean, now: number): boolean {
    this.#fill(now)
    const seen = this.#see(source, now)
    if (this.#tokens < 1) return false
    const share = (1000 * this.#sources.size) / this.#rate
    if (!anomalous && !this.#mayBeNormal(seen, share, now)) return false
    this.#tokens--
    // A source whose windows come a little later than due makes up for it.
    seen.due = Math.min(Math.max(seen.due, now - share), now + share) + share
    return true
  }

  /** @param share ms from one window of a source to the next, if all get as many */
  #mayBeNormal({ due }: Seen, share: number, now: number): boolean {
    const left = this.#capacity >= 2 ? this.#capacity * RESERVE : 0
    const hasJumped = due - now > 3 * share
    return this.#tokens >= 1 + left && (now >= due || hasJumped)
  }

  #fill(now: number): void {
    const seconds = Math.max(0, now - this.#filledAt) / 1000
    if (seconds > 0) this.#tokens = Math.min(this.#capacity, this.#tokens + seconds * this.#rate)
    this.#filledAt = now
  }

  #see(source: string, now: number): Seen {
    if (Math.abs(now - this.#prunedAt) > GONE_MS) this.#prune(now)
    const seen = this.#sources.get(source)
    if (seen) {
      seen.at = now
      return seen
    }
    const first = { at: now, due: Number.NEGATIVE_INFINITY }
    this.#sources.set(source, first)
    return first
  }

  #prune(now: number): void {
    this.#prunedAt = now
    for (const [name, { at }] of this.#sources) if (Math.abs(now - at) > GONE_MS) this.#sources.delete(name)
  }
}
