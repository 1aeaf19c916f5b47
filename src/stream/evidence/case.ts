import type { Episode, Explanation } from '../../types.ts'
import type { SourceWatch, Streak } from './source-watch.ts'
import type { Surroundings } from './surroundings.ts'

/** An explanation is due when the worst is so much worse than what was explained. */
const RISE = 1.1
/** Least milliseconds between two explanations of an open episode. */
const PAUSE_MS = 1000

/** An episode and what is known of its worst window. */
export class Case {
  /** As it was seen last. */
  episode: Episode
  explanation: Explanation | undefined
  around: Surroundings | undefined
  /** Somebody works on it. */
  busy = false
  /** Explanations that failed since the last one that did not. */
  failures = 0
  /** What was written last, and whether nothing was to be added to it. */
  #written: { readonly around: Surroundings; readonly whole: boolean } | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #peakScore: number
  #lost = false

  /** @param episode that an earlier process left open, or a new one */
  constructor(episode: Episode) {
    this.episode = episode
    this.explanation = episode.explanation
    this.#peakScore = episode.explanation?.score ?? Number.NEGATIVE_INFINITY
  }

  get isClosed(): boolean {
    return this.episode.state === 'closed'
  }

  /** Whether nothing is known of it because its windows found no room. */
  get isLost(): boolean {
    return this.#lost && !this.explanation && !this.around
  }

  /** Whether the worst is to be explained now (ms since the epoch), or once more at the end. */
  isDue(now: number): boolean {
    if (!this.around || this.busy) return false
    if (this.isClosed) return this.#written?.around !== this.around || !this.#written.whole
    const { explanation } = this
    if (explanation && this.around.peak.score <= RISE * explanation.score) return false
    return now - this.#askedAt >= PAUSE_MS
  }

  asked(now: number): void {
    this.#askedAt = now
  }

  /** @param whole whether it was waiting for no more windows */
  wrote(around: Surroundings, whole: boolean): void {
    this.#written = { around, whole }
  }

  /** Takes the worst of a streak where it is worse than what is known, and lets go of the other. */
  adopt(streak: Streak, watch: SourceWatch): void {
    this.#lost ||= streak.lost
    if (streak.around && streak.peakScore > this.#peakScore) {
      watch.forget(this.around)
      this.around = streak.around
      this.#peakScore = streak.peakScore
    } else {
      watch.forget(streak.around)
      streak.peakScore = Math.max(streak.peakScore, this.#peakScore)
    }
    streak.around = undefined
  }
}
