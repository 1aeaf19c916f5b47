import { AuscultError } from '../../errors.ts'
import type { Bundle } from '../../model/bundle.ts'
import { createScorer } from '../../model/bundle-scorer.ts'
import { type EngineOptions, PRECISIONS, type Precision } from '../../model/engine.ts'
import { featuresOf, modelAt } from '../../model/precision.ts'
import { REDUCED_TOLERANCE } from '../../model/precision-rules.ts'
import type { Scorer } from '../../model/scorer.ts'
import { relativeDifferences } from '../relative-differences.ts'
import { type Speed, timeScoring } from './scoring-speed.ts'

/** What a precision costs in scores and gains in speed. */
export interface PrecisionCost {
  precision: Precision
  /** Why there is nothing else: the model cannot be computed so. */
  unavailable: string | null
  device: string | null
  /** Whether `auscult run` takes it: false where a golden window differs by more than is allowed. */
  accepted: boolean
  roc_auc: number | null
  partial_roc_auc: number | null
  average_precision: number | null
  /** Of |score − score in fp32| / score in fp32 over the items: the middle, and the largest. */
  median_difference: number | null
  largest_difference: number | null
  /** Items that the threshold judges otherwise than in fp32. */
  judged_otherwise: number | null
  /** Of the model in memory. */
  model_bytes: number | null
  /** Of the model alone, on the machine where this ran; an item is what the network takes at once. */
  speed: Speed[] | null
}

export interface PrecisionScores {
  scores: readonly number[]
  roc_auc: number | null
  partial_roc_auc: number | null
  average_precision: number | null
}

export interface PrecisionOptions {
  bundle: Bundle
  engine: EngineOptions
  threshold: number
  /** Scores everything that is evaluated. */
  score(scorer: Scorer, precision: Precision): Promise<PrecisionScores>
}

const NOTHING = {
  device: null,
  accepted: false,
  roc_auc: null,
  partial_roc_auc: null,
  average_precision: null,
  median_difference: null,
  largest_difference: null,
  judged_otherwise: null,
  model_bytes: null,
  speed: null,
}

/** Scores the same at each precision, fp32 first. */
export async function comparePrecisions(options: PrecisionOptions): Promise<PrecisionCost[]> {
  const costs: PrecisionCost[] = []
  let exact: readonly number[] | undefined
  for (const precision of PRECISIONS) {
    try {
      const { cost, scores } = await costOf(precision, exact, options)
      exact ??= scores
      costs.push(cost)
    } catch (error) {
      if (!(error instanceof AuscultError) || error.code !== 'AUSCULT_PRECISION') throw error
      costs.push({ precision, unavailable: error.message, ...NOTHING })
    }
  }
  const available = costs.filter(({ unavailable }) => unavailable === null)
  const ways = available.map(({ precision }) => ({ ...options.engine, precision }))
  const { bundle } = options
  const speeds = await timeScoring(bundle, ways, featuresOf(bundle)(bundle.golden.windows))
  return costs.map(cost => ({ ...cost, speed: speeds[available.indexOf(cost)] ?? null }))
}

async function costOf(
  precision: Precision,
  exact: readonly number[] | undefined,
  { bundle, engine, threshold, score }: PrecisionOptions,
): Promise<{ cost: PrecisionCost; scores: readonly number[] }> {
  const options = { ...engine, precision }
  const scorer = await createScorer(bundle, options)
  try {
    const { golden } = bundle
    const again = await scorer.score(golden.windows, golden.scores.length)
    const { largest } = relativeDifferences([...again.scores], [...golden.scores])
    const { scores, roc_auc, partial_roc_auc, average_precision } = await score(scorer, precision)
    const expected = exact ?? scores
    const differences = relativeDifferences(scores, expected)
    const cost: PrecisionCost = {
      precision,
      unavailable: null,
      device: scorer.device,
      accepted: largest <= (precision === 'fp32' ? bundle.manifest.golden_tolerance : REDUCED_TOLERANCE),
      roc_auc,
      partial_roc_auc,
      average_precision,
      median_difference: differences.median,
      largest_difference: differences.largest,
      judged_otherwise: scores.filter((value, i) => value > threshold !== expected[i] > threshold).length,
      model_bytes: (await modelAt(bundle, precision)).length,
      speed: null,
    }
    return { cost, scores }
  } finally {
    await scorer.close()
  }
}
