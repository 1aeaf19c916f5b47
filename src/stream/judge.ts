import type { Baseline } from '../model/drift/baseline.ts'
import type { AuscultEvent, CloseReason, Episode, EpisodeEvent, Score } from '../types.ts'
import type { Detector } from './detector.ts'
import { driftEvents } from './drift-events.ts'
import type { DriftStatus } from './telemetry.ts'

export interface Judged {
  readonly score: Score
  /** Of its episode, then of drift. */
  readonly events: readonly AuscultEvent[]
}

/**
 * Decides on the scores of one source, in their order: what is anomalous (by what is normal there now), what is an episode, what is drift.
 *
 *     score ─▶ baseline's threshold ─▶ detector ─▶ baseline learns
 *
 * All that is learnt of an episode stays out of what is normal; so do windows above the threshold in its cool-down.
 */
export class Judge {
  readonly #baseline: Baseline
  readonly #detector: Detector
  #time = Number.NaN

  constructor(baseline: Baseline, detector: Detector) {
    this.#baseline = baseline
    this.#detector = detector
  }

  /** The score above which the next window is anomalous; with baselines by the time of day, a window of the time of the last. */
  get threshold(): number {
    return this.#baseline.threshold(this.#time)
  }

  get isOpen(): boolean {
    return this.#detector.isOpen
  }

  /** Whether anomalous windows wait for more of them to become an episode. */
  get undecided(): boolean {
    return this.#detector.undecided
  }

  /** Anomalous windows that opened nothing because of the cool-down. */
  get suppressed(): number {
    return this.#detector.suppressed
  }

  get drift(): DriftStatus {
    const { drift, factor } = this.#baseline
    return { psi: drift.psi, level: drift.level, drifting: drift.drifting, factor }
  }

  /** Goes on with an episode that an earlier process left open. */
  resume(episode: Episode): void {
    this.#detector.resume(episode)
  }

  push(window: Omit<Score, 'threshold' | 'anomalous'>): Judged {
    const baseline = this.#baseline
    const detector = this.#detector
    // By name: spreading a window costs more than all the rest.
    const { source, id, index, stream, offset, time, duration, score: value, late, latent } = window
    const threshold = baseline.threshold(time)
    const above = value > threshold
    const score: Score = {
      source,
      id,
      index,
      stream,
      offset,
      time,
      duration,
      score: value,
      threshold,
      anomalous: above,
      late,
      latent,
    }
    const { suppressed } = detector
    const episode = detector.push(score, baseline.holds)
    const opened = episode.length > 0 && episode.some(({ type }) => type === 'episode.opened')
    const open = detector.isOpen || detector.suppressed > suppressed
    const { undecided } = detector
    const change = baseline.push({ score: value, time, above, open, opened, undecided })
    this.#time = time
    if (!change) return { score, events: episode }
    const absorbed = change.shift?.change === 'absorbed' ? detector.end('absorbed') : []
    return { score, events: [...episode, ...absorbed, ...driftEvents(source, change)] }
  }

  /** The feed is over, or goes on elsewhere: closes what is open. */
  end(reason: CloseReason): readonly EpisodeEvent[] {
    return this.#detector.end(reason)
  }
}
