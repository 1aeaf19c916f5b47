import { quantile } from '../model/calibration.ts'
import { type Random, seeded } from '../random.ts'
import { Ranking, type RankingMeasures } from './ranking.ts'

/** The ends of an interval. */
export interface Interval {
  low: number
  high: number
}

export type MeasureIntervals = Record<keyof RankingMeasures, Interval>

/** Scores of labelled items. */
export interface RankedItems {
  /** `[n]` the truth, true for the class that should score high. */
  readonly anomalous: readonly boolean[]
  /** `[n]` finite. */
  readonly scores: ArrayLike<number>
  /** `[n]` what is drawn as a whole: an item's recording, all of one label. */
  readonly units: readonly string[]
}

export interface BootstrapOptions {
  maxFpr: number
  seed: number
  replicates?: number
  confidence?: number
}

export interface BootstrapResult {
  confidence: number
  replicates: number
  /** Of each set. */
  intervals: MeasureIntervals[]
  /** Of each set's measures less those of the first, both on the same draws. */
  differences: MeasureIntervals[]
}

const MEASURES = ['roc_auc', 'partial_roc_auc', 'average_precision'] as const

/**
 * Percentile intervals of a stratified bootstrap (Efron and Tibshirani 1993, chapter 13): recordings are drawn with replacement, as many
 * normal and as many anomalous ones as there are, each with all of its items. Sets of the same units are drawn together, so that what
 * makes one recording hard for all of them cancels in differences.
 * @param sets each with both labels, and with the same units
 */
export function bootstrapMeasures(sets: readonly RankedItems[], options: BootstrapOptions): BootstrapResult {
  const { maxFpr, seed, replicates = 1000, confidence = 0.95 } = options
  const strata = strataOf(sets[0])
  const places = new Map(strata.flat().map((unit, i) => [unit, i]))
  const prepared = sets.map(({ anomalous, scores, units }) => ({
    ranking: new Ranking(anomalous, scores),
    unitOf: Int32Array.from(units, unit => places.get(unit)!),
    weights: new Float64Array(units.length),
    draws: Object.fromEntries(MEASURES.map(name => [name, new Float64Array(replicates)])) as Draws,
  }))
  const random = seeded(seed, strata[0].length, strata[1].length)
  for (let r = 0; r < replicates; r++) {
    const counts = drawCounts(strata, random)
    for (const { ranking, unitOf, weights, draws } of prepared) {
      for (let i = 0; i < weights.length; i++) weights[i] = counts[unitOf[i]]
      const measures = ranking.measure(weights, maxFpr)
      for (const name of MEASURES) draws[name][r] = measures[name]
    }
  }
  const intervalsOf = (figureOf: (name: keyof Draws, r: number) => number) => {
    const entries = MEASURES.map(name => {
      const values = Float64Array.from({ length: replicates }, (_, r) => figureOf(name, r)).sort()
      const [low, high] = [1 - confidence, 1 + confidence].map(c => quantile(values, c / 2))
      return [name, { low, high }]
    })
    return Object.fromEntries(entries) as MeasureIntervals
  }
  const [first] = prepared
  return {
    confidence,
    replicates,
    intervals: prepared.map(({ draws }) => intervalsOf((name, r) => draws[name][r])),
    differences: prepared.map(({ draws }) => intervalsOf((name, r) => draws[name][r] - first.draws[name][r])),
  }
}

type Draws = Record<keyof RankingMeasures, Float64Array>

/** The units of normal items, and those of anomalous ones, in an order that the order of items does not change. */
function strataOf({ anomalous, units }: RankedItems): [string[], string[]] {
  const of = (truth: boolean) => [...new Set(units.filter((_, i) => anomalous[i] === truth))].sort()
  return [of(false), of(true)]
}

/** How often each unit is drawn, in the order of the strata. */
function drawCounts(strata: readonly (readonly string[])[], random: Random): Int32Array {
  const counts = new Int32Array(strata.reduce((sum, { length }) => sum + length, 0))
  let from = 0
  for (const { length } of strata) {
    for (let i = 0; i < length; i++) counts[from + random.integer(length)]++
    from += length
  }
  return counts
}
