import { isDeepStrictEqual } from 'node:util'
import { z } from '../../config.ts'
import { fingerprint } from '../calibration.ts'
import type { Calibration } from '../manifest.ts'
import { createThreshold, type Threshold, type ThresholdPolicy, thresholdSchema } from '../threshold.ts'
import type { DriftConfig } from './config.ts'
import { DailyBaseline, type DailyConfig } from './daily.ts'
import { type DriftChange, DriftDetector } from './detector.ts'
import { LevelShift, type LevelShiftChange } from './level-shift.ts'
import type { RecalibrationConfig } from './recalibrate.ts'
import { ScoreReservoir } from './reservoir.ts'
import { checkState } from './state.ts'

export interface BaselineOptions {
  readonly threshold: ThresholdPolicy
  readonly drift: DriftConfig
  readonly daily: DailyConfig
  readonly recalibration: RecalibrationConfig
}

/** A window after its threshold was looked up and the detector has seen it. */
export interface JudgedScore {
  readonly score: number
  /** Feed time, ms since the epoch. */
  readonly time: number
  /** Above `threshold(time)`. */
  readonly above: boolean
  /** Whether an episode is open, this window included. */
  readonly open: boolean
  /** Whether it opened with this window. */
  readonly opened?: boolean
  /** Whether it depends on windows to come if this one belongs to an episode. */
  readonly undecided?: boolean
}

export interface BaselineChange {
  readonly drift: readonly DriftChange[]
  /** With `absorbed` the open episode is to be closed for that reason. */
  readonly shift: LevelShiftChange | undefined
  /** Population stability index against the calibration. */
  readonly psi: number
}

/** What of a baseline went on: all of it, all but a threshold of another policy, or the scores alone under another calibration. */
export type Continued = 'everything' | 'level' | 'scores'

const NONE: readonly DriftChange[] = []

const stateSchema = z.strictObject({
  version: z.literal(1),
  calibration: z.string(),
  policy: thresholdSchema,
  threshold: z.unknown(),
  shift: z.unknown(),
  drift: z.unknown(),
  daily: z.unknown(),
  reservoir: z.unknown(),
})

interface Parts {
  readonly threshold: Threshold
  readonly shift: LevelShift
  readonly drift: DriftDetector
  readonly daily: DailyBaseline | undefined
  readonly reservoir: ScoreReservoir
}

/**
 * What is normal for one source now:
 *
 *     threshold(time) = policy ─▶ moved to the level that was absorbed ─▶ × time of day
 *
 * Drift and level are judged with the time of day taken off, the policy's tail with the level taken off too, so that a change is
 * accounted for once. A level that lasts for most of `daily.days` becomes part of the days.
 */
export class Baseline {
  readonly #options: Omit<BaselineOptions, 'threshold'>
  #calibration: Calibration
  #policy: ThresholdPolicy
  #parts: Parts
  #windows = 0
  /** Scores above the threshold, of which it is not known whether they are of an episode. */
  #undecided: { score: number; even: number }[] = []

  /** @throws AUSCULT_CONFIG when the calibration does not allow the policy */
  constructor(calibration: Calibration, { threshold, ...options }: BaselineOptions) {
    this.#calibration = calibration
    this.#policy = threshold
    this.#options = options
    this.#parts = this.#fresh(calibration, threshold)
  }

  /** Windows that came since it was made. */
  get windows(): number {
    return this.#windows
  }

  get drift(): Pick<DriftDetector, 'psi' | 'level' | 'drifting'> {
    return this.#parts.drift
  }

  /** Factor of the level that was absorbed; 1: none. */
  get factor(): number {
    return this.#parts.shift.factor
  }

  /** Episodes follow each other so closely that the open one goes on through windows below the threshold. */
  get holds(): boolean {
    return this.#parts.shift.holds
  }

  /** Recent scores outside episodes, for `recalibrate`; valid until the next window. */
  get scores(): Float32Array {
    return this.#parts.reservoir.scores
  }

  /** The score above which a window of this time is anomalous. */
  threshold(time: number): number {
    const { threshold, shift } = this.#parts
    return shift.threshold(threshold.value) * this.#season(time)
  }

  /** @returns what changed, if anything did */
  push(window: JudgedScore): BaselineChange | undefined {
    const { score, time, above, open, opened = false } = window
    const { shift, drift, daily } = this.#parts
    const even = score / this.#season(time)
    this.#windows++
    // A cycle that rises above the threshold would never be learnt from windows below it. One bad day is outvoted by the others.
    if (daily && (!open || !daily.complete)) daily.push(score, time)
    this.#learn(window, even)
    const shifted = shift.push(even, above, time, opened)
    const begun = shifted ? drift.shifted(shifted) : NONE
    const found = drift.push(even, above || open, time)
    if (!shifted && !opened && found.length === 0) return undefined
    return this.#settle(shifted, [...begun, ...found], time)
  }

  /**
   * Another policy replaces the threshold, and nothing else. Another calibration begins all anew but the recent scores, which are
   * kept for the next one unless `clear` is set.
   * @throws AUSCULT_CONFIG when the calibration does not allow the policy, and keeps its state
   */
  use({ policy, calibration }: { policy: ThresholdPolicy; calibration: Calibration }, clear = false): void {
    const same = fingerprint(calibration) === fingerprint(this.#calibration)
    const { threshold, ...fresh } = this.#fresh(calibration, policy)
    const reservoir = clear ? fresh.reservoir : this.#parts.reservoir
    if (!same) this.#parts = { ...fresh, threshold, reservoir }
    else if (!isDeepStrictEqual(policy, this.#policy)) this.#parts = { ...this.#parts, threshold, reservoir }
    else this.#parts = { ...this.#parts, reservoir }
    this.#calibration = calibration
    this.#policy = policy
  }

  snapshot(): z.infer<typeof stateSchema> {
    const { threshold, shift, drift, daily, reservoir } = this.#parts
    return {
      version: 1,
      calibration: fingerprint(this.#calibration),
      policy: this.#policy,
      threshold: threshold.snapshot(),
      shift: shift.snapshot(),
      drift: drift.snapshot(),
      daily: daily?.snapshot() ?? null,
      reservoir: reservoir.snapshot(),
    }
  }

  /**
   * Goes on from a snapshot, taken with the same options. What another policy or calibration has learnt is left out.
   * @throws AUSCULT_STATE, and keeps its state
   */
  restore(raw: unknown): Continued {
    const state = checkState(raw, stateSchema, 'baseline')
    const parts = this.#fresh(this.#calibration, this.#policy)
    parts.reservoir.restore(state.reservoir)
    const sameCalibration = state.calibration === fingerprint(this.#calibration)
    const samePolicy = isDeepStrictEqual(state.policy, this.#policy)
    if (sameCalibration) {
      if (samePolicy) parts.threshold.restore(state.threshold)
      parts.shift.restore(state.shift)
      parts.drift.restore(state.drift)
      parts.daily?.restore(state.daily)
    }
    this.#parts = parts
    if (!sameCalibration) return 'scores'
    return samePolicy ? 'everything' : 'level'
  }

  /** Windows outside episodes are normal, also lone ones above the threshold: whether they are lone, the next ones say. */
  #learn({ score, open, undecided = false }: JudgedScore, even: number): void {
    const waiting = this.#undecided
    if (undecided && !open) {
      waiting.push({ score, even })
      return
    }
    if (waiting.length > 0) {
      if (!open) for (const each of waiting) this.#take(each.score, each.even)
      this.#undecided = []
    }
    if (!open) this.#take(score, even)
  }

  #take(score: number, even: number): void {
    const { threshold, shift, reservoir } = this.#parts
    reservoir.push(score)
    threshold.push((even * threshold.value) / shift.threshold(threshold.value))
  }

  /** A drift of the level from which many episodes come becomes normal, and is so until it is over. */
  #settle(shifted: LevelShiftChange | undefined, changes: readonly DriftChange[], time: number) {
    const { shift, drift, reservoir } = this.#parts
    const level = changes.find(({ kind }) => kind === 'level')
    let [change, told] = [shifted, changes]
    if (!shifted && level?.change === 'over') {
      change = shift.giveUp(level.after, time)
      if (change) drift.absorbed = false
    } else if (!shifted && drift.risenSince !== undefined) {
      change = shift.adopt(drift.risenSince, time)
      if (change) drift.absorbed = true
      if (change && level) {
        drift.begunBy = 'level_shift'
        told = changes.filter(each => each !== level)
      }
    }
    if (!change && told.length === 0) return undefined
    // Scores of the level before are not what is normal now.
    if (change) reservoir.clear()
    return { drift: told, shift: change, psi: drift.psi }
  }

  #fresh(calibration: Calibration, policy: ThresholdPolicy): Parts {
    const { drift, daily, recalibration } = this.#options
    return {
      threshold: createThreshold(calibration, policy),
      shift: new LevelShift(calibration, drift),
      drift: new DriftDetector(calibration, drift),
      daily: daily.enabled ? new DailyBaseline(calibration, daily) : undefined,
      reservoir: new ScoreReservoir(recalibration.capacity, recalibration.horizon),
    }
  }

  #season(time: number): number {
    const { daily, threshold } = this.#parts
    return daily ? daily.threshold(threshold.value, time) / threshold.value : 1
  }
}
