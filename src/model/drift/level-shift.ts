import { z } from '../../config.ts'
import { quantile } from '../calibration.ts'
import type { Calibration } from '../manifest.ts'
import { Adwin } from './adwin.ts'
import { type Block, Blocks } from './blocks.ts'
import type { DriftConfig } from './config.ts'
import { LogScale } from './log-scale.ts'
import { Sample } from './sample.ts'
import { checkState, count, finite } from './state.ts'
import { Trend } from './trend.ts'

/** A level above the threshold became normal (close the episode with the reason `absorbed`), or the scores left it again. */
export interface LevelShiftChange {
  readonly change: 'absorbed' | 'returned'
  /** Geometric mean of the scores before and after. */
  readonly before: number
  readonly after: number
  /** after / before. */
  readonly factor: number
  /** Feed time of the decision, and since when the scores are on the level they are on; ms since the epoch. */
  readonly time: number
  readonly since: number
}

/** Blocks without enough anomalous windows that end a run of anomalous ones; calm blocks that end what is held. */
const PATIENCE = 3
/** Blocks near the old level after which the new one is given up. */
const RETURN = 5
/** Blocks, of whose medians the median is the level that is adopted. */
const MEDIANS = 31
/** Part of absorb_share below which a block is calm. */
const CALM = 0.5
/** A new level may scatter more; thresholds move away from it by this factor at most. */
const MOST_SPREAD = 3
/** Times min_change that a level may rise or fall along the run and still be one. */
const STEADY = 2
/** ADWIN over blocks, in spreads of the calibration's windows. */
const STABLE = { delta: 0.1, clock: 1, buckets: 5, minimum: 3, grace: 6 }

const stateSchema = z.strictObject({
  version: z.literal(1),
  blocks: z.unknown(),
  sample: z.strictObject({ values: z.string(), seen: count }),
  stable: z.unknown(),
  trend: z.unknown(),
  since: finite.nullable(),
  calm: count,
  pause: count,
  variance: finite.nonnegative(),
  held: count,
  lasted: finite,
  shift: z.strictObject({ level: finite, ratio: finite, since: finite, adopted: z.boolean() }).nullable(),
  near: count,
  seen: count,
  opens: z.array(z.strictObject({ at: count, time: finite })),
  holds: z.boolean(),
  medians: z.array(finite).max(MEDIANS),
})

interface Shift {
  /** ln score. */
  readonly level: number
  /** Since about when, ms since the epoch. */
  readonly since: number
  /** Factor by which thresholds are farther from it, in ln score, than from the old level. */
  readonly ratio: number
  /** Taken over from drift, which also says when it is over. */
  readonly adopted: boolean
}

/**
 * What becomes of scores that stay above the threshold. When blocks with many anomalous windows have followed each other for
 * `absorb_after`, most of their windows higher than before, ADWIN finds their level constant for as long, and it does not rise or fall
 * steadily, that level is the new normal: thresholds are relative to it until the scores leave it or the source is calibrated anew. What
 * gets worse is not constant and stays an episode.
 *
 * A level below the threshold, from which episodes come now and then, is taken for normal when it is known to be drift: `adopt`.
 */
export class LevelShift {
  readonly #config: DriftConfig
  readonly #scale: LogScale
  #blocks: Blocks
  #stable = new Adwin(STABLE)
  #trend = new Trend()
  /** Since when the present run of anomalous blocks is on one level. */
  #since: number | undefined
  /** Latest blocks that are calm; and those at the end of the run that do not belong to it. */
  #calm = 0
  #pause = 0
  /** Mean variance of the windows of a block of the run, over so many blocks. */
  #variance = 0
  #held = 0
  /** Milliseconds of the run that windows cover. */
  #lasted = 0
  #shift: Shift | undefined
  /** Blocks near the old level. */
  #near = 0
  /** Windows so far; and how many there had been when each of the latest episodes opened, and when that was. */
  #seen = 0
  #opens: { at: number; time: number }[] = []
  #holds = false
  /** Logarithms of the block that is going on. */
  readonly #sample = new Sample()
  /** Of the latest blocks. */
  #medians: number[] = []

  constructor(calibration: Calibration, config: DriftConfig) {
    this.#config = config
    this.#scale = new LogScale(calibration)
    this.#blocks = this.#freshBlocks()
  }

  /** Episodes have followed each other so closely that an open one goes on through normal windows, until some blocks are calm. */
  get holds(): boolean {
    return this.#holds
  }

  /** Factor by which the level is above that of the calibration; 1 before anything was absorbed. */
  get factor(): number {
    return this.#shift ? Math.exp(this.#shift.level - this.#scale.mean) : 1
  }

  /** The threshold for the level that is normal now. */
  threshold(base: number): number {
    if (!this.#shift) return base
    const { level, ratio } = this.#shift
    return Math.max(base, Math.exp(level + (this.#scale.of(base) - this.#scale.mean) * ratio))
  }

  /**
   * @param anomalous above `threshold(base)`
   * @param opened an episode opened with it
   */
  push(score: number, anomalous: boolean, time: number, opened = false): LevelShiftChange | undefined {
    if (!Number.isFinite(score) || !Number.isFinite(time) || this.#config.absorb_after === 0) return undefined
    this.#seen++
    if (opened) this.#open(time)
    const value = this.#scale.of(score)
    const block = this.#blocks.push(time, anomalous, value)
    const [quartile, median] = block ? this.#sample.quantiles(0.25, 0.5) : [0, 0]
    if (block) this.#sample.clear()
    this.#sample.push(value)
    if (!block) return undefined
    this.#medians = [...this.#medians, median].slice(-MEDIANS)
    this.#calm = block.anomalous < CALM * this.#config.absorb_share * block.windows ? this.#calm + 1 : 0
    if (this.#calm >= PATIENCE) this.#holds = false
    return this.#checkReturn(block, median) ?? this.#follow(block, quartile)
  }

  /** Takes the level of the latest blocks for normal if `hold_episodes` came since drift led to it, and no other was taken before. */
  adopt(since: number, time: number): LevelShiftChange | undefined {
    const { hold_episodes: most } = this.#config
    const many = this.#opens.length === most && this.#opens[0].time >= since
    if (!many || this.#shift || !this.#isSteady(trendOf(this.#medians))) return undefined
    // Of all windows: those of episodes are its upper end. Medians leave anomalies out.
    const level = quantile(this.#medians.slice().sort(byValue), 0.5)
    if (level <= this.#scale.mean) return undefined
    this.#take({ level, ratio: 1, since, adopted: true })
    return describe('absorbed', this.#scale.mean, level, time, since)
  }

  /** Gives up what was adopted, once drift is over. @param after geometric mean of the scores now */
  giveUp(after: number, time: number): LevelShiftChange | undefined {
    if (!this.#shift?.adopted) return undefined
    const before = this.#shift.level
    this.#shift = undefined
    return describe('returned', before, Math.log(after), time, time)
  }

  snapshot(): z.infer<typeof stateSchema> {
    return {
      version: 1,
      blocks: this.#blocks.snapshot(),
      sample: this.#sample.snapshot(),
      stable: this.#stable.snapshot(),
      trend: this.#trend.snapshot(),
      since: this.#since ?? null,
      calm: this.#calm,
      pause: this.#pause,
      variance: this.#variance,
      held: this.#held,
      lasted: this.#lasted,
      shift: this.#shift ? { ...this.#shift } : null,
      near: this.#near,
      seen: this.#seen,
      opens: this.#opens.map(open => ({ ...open })),
      holds: this.#holds,
      medians: [...this.#medians],
    }
  }

  /** @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema, 'level shift')
    const blocks = this.#freshBlocks()
    blocks.restore(state.blocks)
    const stable = new Adwin(STABLE)
    stable.restore(state.stable)
    const trend = new Trend()
    trend.restore(state.trend)
    this.#sample.restore(state.sample)
    this.#blocks = blocks
    this.#stable = stable
    this.#trend = trend
    this.#since = state.since ?? undefined
    this.#calm = state.calm
    this.#pause = state.pause
    this.#variance = state.variance
    this.#held = state.held
    this.#lasted = state.lasted
    this.#shift = state.shift ?? undefined
    this.#near = state.near
    this.#seen = state.seen
    this.#opens = state.opens.slice(-this.#config.hold_episodes)
    this.#holds = state.holds
    this.#medians = state.medians
  }

  #freshBlocks(): Blocks {
    return new Blocks(this.#config.block * 1000, this.#config.block_windows, 0)
  }

  #open(time: number): void {
    const { hold_episodes: most, hold_windows: windows } = this.#config
    this.#opens = [...this.#opens, { at: this.#seen, time }].slice(-most)
    this.#holds ||= this.#opens.length === most && this.#seen - this.#opens[0].at <= windows
  }

  #follow(block: Block, quartile: number): LevelShiftChange | undefined {
    // Faults that come and go leave the windows between them where they were: that is no other level.
    const normal = this.#shift?.level ?? this.#scale.center
    if (block.anomalous < this.#config.absorb_share * block.windows || quartile < normal) {
      if (++this.#pause >= PATIENCE) this.#endRun()
      return undefined
    }
    this.#pause = 0
    const z = (block.mean - this.#scale.mean) / this.#scale.spread
    if (this.#stable.push(z)) {
      this.#endRun()
      this.#stable.push(z)
    }
    this.#since ??= block.from
    this.#held++
    this.#lasted += block.to - block.from
    this.#trend.push(block.mean)
    this.#variance += (block.variance - this.#variance) / this.#held
    const lasts = this.#lasted >= this.#config.absorb_after * 1000
    return lasts && this.#isSteady(this.#trend) ? this.#absorb(block) : undefined
  }

  #absorb(block: Block): LevelShiftChange {
    const { mean, spread } = this.#scale
    const before = this.#shift?.level ?? mean
    const level = mean + this.#stable.mean * spread
    const deviation = Math.sqrt(this.#variance + this.#stable.variance * spread ** 2)
    const ratio = Math.min(MOST_SPREAD, Math.max(1, deviation / spread))
    const since = this.#since!
    this.#take({ level, ratio, since, adopted: false })
    return describe('absorbed', before, level, block.to, since)
  }

  #isSteady({ change }: Trend): boolean {
    return Math.abs(change) < STEADY * Math.log1p(this.#config.min_change)
  }

  #take(shift: Shift): void {
    this.#shift = shift
    this.#near = 0
    this.#opens = []
    this.#holds = false
    this.#endRun()
  }

  #checkReturn(block: Block, median: number): LevelShiftChange | undefined {
    if (!this.#shift || this.#shift.adopted) return undefined
    const { level } = this.#shift
    const { mean } = this.#scale
    this.#near = median - mean < (level - mean) / 2 ? this.#near + 1 : 0
    if (this.#near < RETURN) return undefined
    this.#shift = undefined
    this.#near = 0
    this.#endRun()
    return describe('returned', level, block.mean, block.to, block.from)
  }

  #endRun(): void {
    this.#since = undefined
    this.#pause = 0
    this.#variance = 0
    this.#held = 0
    this.#lasted = 0
    this.#stable.reset()
    this.#trend.reset()
  }
}

function trendOf(values: readonly number[]): Trend {
  const trend = new Trend()
  for (const value of values) trend.push(value)
  return trend
}

const byValue = (a: number, b: number): number => a - b

function describe(change: 'absorbed' | 'returned', from: number, to: number, time: number, since: number) {
  const [before, after] = [Math.exp(from), Math.exp(to)]
  return { change, before, after, factor: after / before, time, since }
}
