import { z } from '../../config.ts'
import { gammaQuantile } from '../gamma.ts'
import type { Calibration } from '../manifest.ts'
import { ADWIN_DEFAULTS, Adwin } from './adwin.ts'
import { type Block, Blocks } from './blocks.ts'
import type { DriftConfig } from './config.ts'
import type { LevelShiftChange } from './level-shift.ts'
import { LogScale } from './log-scale.ts'
import { type Direction, PageHinkley, type SequentialTest } from './page-hinkley.ts'
import { Psi } from './psi.ts'
import { Spread } from './spread.ts'
import { checkState, count, finite } from './state.ts'

export type DriftStatistic = 'page_hinkley' | 'adwin' | 'level_shift' | 'psi'

/**
 * Drift began or is over. `level`: the source's scores are on another level than they were, by a sequential test (or because a level
 * shift was absorbed). `distribution`: they are of another population than the bundle's calibration, by the stability index.
 */
export interface DriftChange {
  readonly kind: 'level' | 'distribution'
  readonly change: 'began' | 'over'
  readonly statistic: DriftStatistic
  /** What said that it began. */
  readonly begunBy: DriftStatistic
  /** Of the statistic; of Page–Hinkley in standard deviations of a block, of ADWIN in its bounds. */
  readonly value: number
  readonly direction: Direction
  /** Geometric mean of the scores before (or of the calibration), and now. */
  readonly before: number
  readonly after: number
  readonly psi: number
  /** Feed time of this, and about when it began; ms since the epoch. */
  readonly time: number
  readonly since: number
}

const NONE: readonly DriftChange[] = []
/** Blocks over which the recent level fades by e. */
const RECENT = 10
/** Blocks for which the test's last word holds. */
const HOLDS = 30
/** Deviations at which a block is cut off where the deviation itself is learnt. */
const OUTLIER = 3
/** Spreads at which a window's logarithm is cut off, and factor that is never cut. */
const WINSOR = 8
/** The index exceeds chance when chance reaches it once in a thousand independent times. */
const CHANCE = 0.999

const directionSchema = z.enum(['up', 'down'])
/** Drift of the level: where it was when it began, and at its farthest. */
const levelSchema = z.strictObject({
  direction: directionSchema,
  first: finite,
  after: finite,
  since: finite,
  by: z.enum(['page_hinkley', 'adwin', 'level_shift', 'psi']),
})
const stateSchema = z.strictObject({
  version: z.literal(1),
  test: z.enum(['page_hinkley', 'adwin']),
  blocks: z.unknown(),
  psi: z.unknown(),
  spread: z.unknown(),
  sequential: z.unknown(),
  recent: finite.nullable(),
  anchor: finite.nullable(),
  alarm: z.strictObject({ value: finite, since: finite, left: count }).nullable(),
  drift: levelSchema.nullable(),
  absorbed: z.boolean(),
  apart: finite.nullable(),
  back: finite.nullable(),
  other: z.strictObject({ direction: directionSchema, since: finite }).nullable(),
})

interface Parts {
  readonly blocks: Blocks
  readonly psi: Psi
  readonly spread: Spread
  readonly test: SequentialTest
}

/**
 * Drift of one source. Windows are averaged to blocks, anomalous ones left out, and blocks that are mostly anomalous left out whole: an
 * anomaly of minutes is no drift. Block means of ln score go to a sequential test, in units of the deviation of such means, which is
 * learnt with their correlation; so neither the rate of windows nor how they hang together changes how often it is wrong.
 */
export class DriftDetector {
  readonly #config: DriftConfig
  readonly #calibration: Calibration
  readonly #scale: LogScale
  readonly #least: number
  #parts: Parts
  /** Recent block means, faded. */
  #recent: number | undefined
  /** The level that drift is a departure from. */
  #anchor: number | undefined
  /** What the test said last, and the blocks for which that holds. */
  #alarm: { value: number; since: number; left: number } | undefined
  #drift: z.infer<typeof levelSchema> | undefined
  /** A level shift is normal now. */
  #absorbed = false
  /** Since when the recent level is another than the anchor, and since when it is back. */
  #apart: number | undefined
  #back: number | undefined
  #other: { direction: Direction; since: number } | undefined

  constructor(calibration: Calibration, config: DriftConfig) {
    this.#config = config
    this.#calibration = calibration
    this.#scale = new LogScale(calibration)
    this.#least = Math.log1p(config.min_change)
    this.#parts = this.#fresh()
  }

  /** Population stability index of recent normal scores against the calibration. */
  get psi(): number {
    return this.#parts.psi.value
  }

  /** Geometric mean of recent normal scores; undefined before the first block. */
  get level(): number | undefined {
    return this.#recent === undefined ? undefined : Math.exp(this.#recent)
  }

  /** Which kinds of drift are on. */
  get drifting(): { level: Direction | undefined; distribution: Direction | undefined } {
    return { level: this.#drift?.direction, distribution: this.#other?.direction }
  }

  /**
   * Takes the next window.
   * @param anomalous above its threshold, or part of an episode
   * @param time feed time, ms since the epoch
   */
  push(score: number, anomalous: boolean, time: number): readonly DriftChange[] {
    if (!Number.isFinite(score) || !Number.isFinite(time)) return NONE
    const value = anomalous ? undefined : this.#winsorized(score)
    const block = this.#parts.blocks.push(time, anomalous, value, this.#parts.psi.binOf(score))
    return block && block.counted * 2 >= block.windows ? this.#take(block) : NONE
  }

  /** Since when scores are on a higher level and stay there, ms since the epoch; undefined while they do not. */
  get risenSince(): number | undefined {
    const drift = this.#drift
    const steady = drift?.direction === 'up' && Math.abs(this.#recent! - drift.first) < this.#least
    return steady ? drift.since : undefined
  }

  /**
   * A level shift above the threshold became the new normal (or is over): drift without waiting for the test. Drift that was on before
   * goes on until the scores are back where it began.
   */
  shifted(shift: LevelShiftChange): readonly DriftChange[] {
    const after = Math.log(shift.after)
    this.#recent = after
    this.absorbed = shift.change === 'absorbed'
    if (shift.change === 'returned') {
      if (!this.#drift) return NONE
      const apart = Math.abs(after - this.#anchor!) >= this.#least
      if (this.#drift.by === 'level_shift' || !apart) return [this.#end('level_shift', shift.factor, shift.time)]
      this.#drift.after = after
      return NONE
    }
    this.#anchor ??= Math.log(shift.before)
    if (!this.#drift) return [this.#begin('level_shift', shift.factor, after, shift.since, shift.time)]
    this.#drift.after = after
    return NONE
  }

  /** Whether a level shift is normal now. */
  set absorbed(absorbed: boolean) {
    this.#absorbed = absorbed
    // The index remembers scores of the level that is over.
    if (!absorbed) this.#parts.psi.reset()
  }

  /** Another statistic stands for the drift that is on. */
  set begunBy(statistic: DriftStatistic) {
    if (this.#drift) this.#drift.by = statistic
  }

  snapshot(): z.infer<typeof stateSchema> {
    const { blocks, psi, spread, test } = this.#parts
    return {
      version: 1,
      test: this.#config.test,
      blocks: blocks.snapshot(),
      psi: psi.snapshot(),
      spread: spread.snapshot(),
      sequential: test.snapshot(),
      recent: this.#recent ?? null,
      anchor: this.#anchor ?? null,
      alarm: this.#alarm ? { ...this.#alarm } : null,
      drift: this.#drift ? { ...this.#drift } : null,
      absorbed: this.#absorbed,
      apart: this.#apart ?? null,
      back: this.#back ?? null,
      other: this.#other ? { ...this.#other } : null,
    }
  }

  /** Goes on from a snapshot, taken with the same calibration and configuration. @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema.extend({ test: z.literal(this.#config.test) }), 'drift state')
    const parts = this.#fresh()
    parts.blocks.restore(state.blocks)
    parts.psi.restore(state.psi)
    parts.spread.restore(state.spread)
    parts.test.restore(state.sequential)
    this.#parts = parts
    this.#recent = state.recent ?? undefined
    this.#anchor = state.anchor ?? undefined
    this.#alarm = state.alarm ?? undefined
    this.#drift = state.drift ?? undefined
    this.#absorbed = state.absorbed
    this.#apart = state.apart ?? undefined
    this.#back = state.back ?? undefined
    this.#other = state.other ?? undefined
  }

  #fresh(): Parts {
    const { block, block_windows, bins, test, tolerance, limit, confidence } = this.#config
    const psi = new Psi(this.#calibration.quantiles, bins)
    return {
      blocks: new Blocks(block * 1000, block_windows, psi.bins),
      psi,
      spread: new Spread(),
      test:
        test === 'adwin'
          ? new Adwin({ ...ADWIN_DEFAULTS, delta: confidence, clock: 1 })
          : new PageHinkley({ delta: tolerance, threshold: limit, minimum: 1, alpha: 1 }),
    }
  }

  #winsorized(score: number): number {
    return this.#scale.winsorized(score, Math.max(WINSOR, Math.LN10 / this.#scale.spread))
  }

  #take(block: Block): readonly DriftChange[] {
    const { psi, spread } = this.#parts
    const { block: seconds, memory, warmup } = this.#config
    psi.add(block.bins, Math.exp(-seconds / memory))
    this.#recent = this.#recent === undefined ? block.mean : this.#recent + (block.mean - this.#recent) / RECENT
    if (!this.#drift) spread.push(this.#anchor === undefined ? block.mean : this.#departure(block))
    if (spread.count < warmup) return NONE
    if (this.#anchor === undefined) {
      this.#anchor = spread.mean
      spread.recenter()
    }
    return [...(this.#drift ? this.#checkBack(block) : this.#testLevel(block)), ...this.#comparePopulation(block)]
  }

  /** How far a block is from the anchor, outliers cut off. */
  #departure({ mean }: Block): number {
    const most = OUTLIER * this.#deviation
    return Math.min(most, Math.max(-most, mean - this.#anchor!))
  }

  /** A change of min_change is at least four deviations of a block: what is smaller need not be found soon. */
  get #deviation(): number {
    return Math.max(this.#parts.spread.deviation, this.#least / 4)
  }

  #testLevel(block: Block): readonly DriftChange[] {
    const [anchor, recent, deviation] = [this.#anchor!, this.#recent!, this.#deviation]
    const change = this.#parts.test.push((block.mean - anchor) / deviation)
    if (change) {
      const since = block.to - change.length * (block.to - block.from)
      this.#alarm = { value: change.value, since, left: HOLDS }
    } else if (this.#alarm && --this.#alarm.left === 0) this.#alarm = undefined
    if (Math.abs(recent - anchor) < this.#least) this.#apart = undefined
    else this.#apart ??= block.from
    if (!this.#alarm || this.#apart === undefined) return NONE
    if (block.to - this.#apart < this.#config.settle * 1000) return NONE
    const { value } = this.#alarm
    // The tests' own estimates may reach far back: the recent level follows within so many blocks.
    const since = Math.max(this.#alarm.since, this.#apart - RECENT * this.#config.block * 1000)
    return [this.#begin(this.#config.test, value, recent, since, block.to)]
  }

  #begin(statistic: DriftStatistic, value: number, after: number, since: number, time: number): DriftChange {
    this.#drift = { direction: after > this.#anchor! ? 'up' : 'down', first: after, after, since, by: statistic }
    this.#apart = undefined
    this.#alarm = undefined
    return this.#describe('began', statistic, value, time)
  }

  /** Back at the old level, or at that of the calibration. */
  #checkBack(block: Block): readonly DriftChange[] {
    const [recent, anchor, drift] = [this.#recent!, this.#anchor!, this.#drift!]
    if ((recent - anchor) / (drift.after - anchor) > 1) drift.after = recent
    const near = Math.abs(recent - anchor) < Math.abs(drift.after - anchor) / 2
    const calibrated = Math.abs(recent - this.#scale.mean) < this.#least / 2
    if (!near && !calibrated) {
      this.#back = undefined
      return NONE
    }
    this.#back ??= block.from
    if (block.to - this.#back < this.#config.settle * 1000) return NONE
    const change = this.#end(this.#config.test, 0, block.to)
    if (!near) this.#anchor = recent
    return [change]
  }

  #end(statistic: DriftStatistic, value: number, time: number): DriftChange {
    const change = this.#describe('over', statistic, value, time)
    this.#drift = undefined
    this.#back = undefined
    this.#parts.test.reset()
    return change
  }

  #describe(change: 'began' | 'over', statistic: DriftStatistic, value: number, time: number): DriftChange {
    const { direction, after, since, by } = this.#drift!
    const now = change === 'began' ? after : this.#recent!
    const levels = { before: Math.exp(this.#anchor!), after: Math.exp(now) }
    return { kind: 'level', change, statistic, begunBy: by, value, direction, ...levels, psi: this.psi, time, since }
  }

  #comparePopulation(block: Block): readonly DriftChange[] {
    const { psi: limit, psi_over: over } = this.#config
    const value = this.psi
    const beyond = Math.max(limit, this.#chance(block))
    // That a level which was absorbed is of another population has been said.
    const began = !this.#other && !this.#absorbed && value >= beyond
    const ended = this.#other && value < (over * beyond) / limit
    if (!began && !ended) return NONE
    const direction = this.#recent! >= this.#scale.mean ? 'up' : 'down'
    this.#other ??= { direction, since: block.to }
    const { since } = this.#other
    const levels = { before: Math.exp(this.#scale.mean), after: Math.exp(this.#recent!) }
    const change: DriftChange = {
      kind: 'distribution',
      change: began ? 'began' : 'over',
      statistic: 'psi',
      begunBy: 'psi',
      value,
      direction: this.#other.direction,
      ...levels,
      psi: value,
      time: block.to,
      since,
    }
    if (ended) this.#other = undefined
    return [change]
  }

  /**
   * What the index reaches by chance: PSI / (1/n + 1/m) has a χ² distribution (Yurdakul and Naranjo 2020) for n and m independent
   * scores. Scores that hang together count for fewer: as many as their block means scatter.
   */
  #chance(block: Block): number {
    const { psi, spread } = this.#parts
    const inflation = Math.max(1, (spread.deviation / this.#scale.spread) ** 2 * block.counted)
    const chi2 = gammaQuantile(CHANCE, (psi.bins - 1) / 2, 2)
    return chi2 * inflation * (1 / this.#calibration.count + 0.5 / psi.weight)
  }
}
