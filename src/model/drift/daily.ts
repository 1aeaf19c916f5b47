import { z } from '../../config.ts'
import type { Calibration } from '../manifest.ts'
import { pack32, unpack32 } from '../packed.ts'
import { LogScale } from './log-scale.ts'
import { checkState, count, damaged, finite } from './state.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const knownZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

export const dailySchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether the threshold follows the time of day'),
    bins: z
      .number()
      .int()
      .min(2)
      .max(288)
      .default(24)
      .describe('Parts of the day; between their middles it is interpolated'),
    days: z.number().int().min(1).max(60).default(14).describe('Latest days that a part of the day is learnt from'),
    min_days: z.number().int().min(1).default(3).describe('Days before a part of the day has a baseline of its own'),
    min_windows: z.number().int().min(2).default(30).describe('Least windows of a part of a day that count as a day'),
    max_factor: z.number().gt(1).default(3).describe('Largest factor by which the time of day moves the threshold'),
    time_zone: z
      .string()
      .refine(knownZone, 'no time zone that is known here')
      .default('UTC')
      .describe('Whose day it is'),
  })
  .refine(({ days, min_days: least }) => least <= days, { path: ['min_days'], message: 'above days' })
  .describe('Baselines by the time of day')

export type DailyConfig = z.infer<typeof dailySchema>

/** Mean and deviation of ln score in one part of one day. */
interface Visit {
  readonly mean: number
  readonly deviation: number
}

const stateSchema = z.strictObject({
  version: z.literal(1),
  /** Of each part of the day, means and deviations by turns. */
  bins: z.array(z.string()),
  visit: z.strictObject({ slot: finite, count, mean: finite, squares: finite.nonnegative() }).nullable(),
})

/** Place and width of a distribution of ln score. */
interface Baseline {
  readonly location: number
  readonly scale: number
}

/**
 * What is normal at a time of day. Each part of each day becomes one mean and deviation of ln score; a baseline is the median of those of
 * the latest days, so that one bad day does not move it. Thresholds are moved from the distribution of the calibration to that.
 */
export class DailyBaseline {
  readonly #config: DailyConfig
  readonly #scale: LogScale
  readonly #zone: Intl.DateTimeFormat
  /** By part of the day, oldest first. */
  #bins: Visit[][]
  /** The part of a day that is going on: days × bins since the epoch, in local time. */
  #visit: { slot: number; count: number; mean: number; squares: number } | undefined
  #offset = { hour: Number.NaN, ms: 0 }
  #baselines: readonly (Baseline | undefined)[]

  constructor(calibration: Calibration, config: DailyConfig) {
    this.#config = config
    this.#scale = new LogScale(calibration)
    this.#zone = new Intl.DateTimeFormat('en', { timeZone: config.time_zone, timeZoneName: 'longOffset' })
    this.#bins = Array.from({ length: config.bins }, () => [])
    this.#baselines = this.#summarize()
  }

  /** Parts of the day that have a baseline. */
  get learned(): number {
    return this.#baselines.reduce((sum, baseline) => (baseline ? sum + 1 : sum), 0)
  }

  /** Whether every part of the day has one. */
  get complete(): boolean {
    return this.learned === this.#config.bins
  }

  /** Takes the score of a window outside episodes. @param time ms since the epoch */
  push(score: number, time: number): void {
    if (!Number.isFinite(score) || !Number.isFinite(time)) return
    const slot = Math.floor((this.#local(time) / DAY) * this.#config.bins)
    if (this.#visit && slot > this.#visit.slot) this.#endVisit()
    this.#visit ??= { slot, count: 0, mean: 0, squares: 0 }
    const visit = this.#visit
    const value = this.#scale.of(score)
    const difference = value - visit.mean
    visit.count++
    visit.mean += difference / visit.count
    visit.squares += difference * (value - visit.mean)
  }

  /** The threshold at a time: `base`, moved as what is normal then differs from the calibration. */
  threshold(base: number, time: number): number {
    if (!Number.isFinite(time)) return base
    const { location, scale } = this.#at(time)
    const { mean, spread } = this.#scale
    const moved = location + (this.#scale.of(base) - mean) * (scale / spread)
    const most = Math.log(this.#config.max_factor)
    return base * Math.exp(Math.min(most, Math.max(-most, moved - this.#scale.of(base))))
  }

  snapshot(): z.infer<typeof stateSchema> {
    const bins = this.#bins.map(visits =>
      pack32(Float32Array.from(visits.flatMap(({ mean, deviation }) => [mean, deviation]))),
    )
    return { version: 1, bins, visit: this.#visit ? { ...this.#visit } : null }
  }

  /** Goes on from a snapshot, taken with the same configuration. @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema, 'daily baseline')
    if (state.bins.length !== this.#config.bins) {
      throw damaged('daily baseline', `it has ${state.bins.length} parts of the day, not ${this.#config.bins}`)
    }
    this.#bins = state.bins.map(text => readVisits(text).slice(-this.#config.days))
    this.#visit = state.visit ?? undefined
    this.#baselines = this.#summarize()
  }

  #endVisit(): void {
    const { slot, count, mean, squares } = this.#visit!
    this.#visit = undefined
    if (count < this.#config.min_windows) return
    const visits = this.#bins[slot % this.#config.bins]
    // As they are saved, so that a restart changes nothing.
    visits.push({ mean: Math.fround(mean), deviation: Math.fround(Math.sqrt(squares / (count - 1))) })
    if (visits.length > this.#config.days) visits.shift()
    this.#baselines = this.#summarize()
  }

  #summarize(): readonly (Baseline | undefined)[] {
    return this.#bins.map(visits => {
      if (visits.length < this.#config.min_days) return undefined
      const location = median(visits.map(({ mean }) => mean))
      const scale = Math.max(this.#scale.spread / this.#config.max_factor, median(visits.map(each => each.deviation)))
      return { location, scale }
    })
  }

  /** Interpolated between the middles of the parts of the day; what has no baseline is like the calibration. */
  #at(time: number): Baseline {
    const { bins } = this.#config
    const place = ((((this.#local(time) % DAY) + DAY) % DAY) / DAY) * bins - 0.5
    const below = Math.floor(place)
    const weight = place - below
    const none = { location: this.#scale.mean, scale: this.#scale.spread }
    const a = this.#baselines[(below + bins) % bins] ?? none
    const b = this.#baselines[(below + 1) % bins] ?? none
    return {
      location: a.location * (1 - weight) + b.location * weight,
      scale: a.scale * (1 - weight) + b.scale * weight,
    }
  }

  /** Local time as if it were UTC. The offset is looked up once an hour of feed time. */
  #local(time: number): number {
    const hour = Math.floor(time / HOUR)
    if (hour !== this.#offset.hour) {
      const text = this.#zone.formatToParts(time).find(({ type }) => type === 'timeZoneName')!.value
      const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(text) ?? ['', '+', '0', '0']
      const ms = (Number(hours) + Number(minutes) / 60) * HOUR
      this.#offset = { hour, ms: sign === '-' ? -ms : ms }
    }
    return time + this.#offset.ms
  }
}

function readVisits(text: string): Visit[] {
  const values = unpack32(text)
  if (!values || values.length % 2 === 1) throw damaged('daily baseline', 'a part of the day cannot be read')
  return Array.from({ length: values.length / 2 }, (_, i) => ({ mean: values[2 * i], deviation: values[2 * i + 1] }))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
