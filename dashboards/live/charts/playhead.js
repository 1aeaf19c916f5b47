/** Memory of the pace at which a feed's time goes, seconds. */
const PACE_SECONDS = 4
/** How soon it is where the newest score is, seconds. */
const LAG_SECONDS = 0.2

/**
 * The time at the right edge of a chart. Scores come in steps; it moves evenly, at the pace of the feed, which may be played faster than it was
 * recorded. Knows the feed's time only, and how long a frame took: a clock that is set does not touch it.
 */
export class Playhead {
  constructor() {
    /** ms of feed time, undefined before the first score */
    this.at = undefined
    this.target = undefined
    /** ms of feed time a second */
    this.rate = 1000
    this.hop = 500
  }

  /** The feed has come to `end`; `now` is `performance.now()`. */
  arrive(end, now) {
    if (end === this.target) return
    const feed = end - this.target
    const wall = (now - this.arrivedAt) / 1000
    if (feed > 0 && wall > 0.02 && wall < PACE_SECONDS) {
      const share = 1 - Math.exp(-wall / PACE_SECONDS)
      this.rate += (feed / wall - this.rate) * share
      this.hop += (feed - this.hop) * share
    }
    this.target = end
    this.arrivedAt = now
  }

  /**
   * @param elapsed seconds since the last call, 0 for no animation
   * @param span ms that are shown: over half of them it jumps
   */
  move(elapsed, span) {
    const { target } = this
    if (target === undefined) return
    const lead = this.at === undefined ? Number.POSITIVE_INFINITY : this.at - target
    if (elapsed === 0 || Math.abs(lead) > span / 2) this.at = target
    else if (lead < 0) this.at -= lead * (1 - Math.exp(-elapsed / LAG_SECONDS))
    else {
      const pace = Math.min(1.2, Math.max(0, 1.25 - lead / (2 * this.hop)))
      this.at = Math.min(this.at + this.rate * elapsed * pace, Math.max(this.at, target + 2 * this.hop))
    }
  }
}
