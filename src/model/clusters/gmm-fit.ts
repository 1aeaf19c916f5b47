import type { Random } from '../../random.ts'
import type { GmmConfig } from './config.ts'
import type { Covariance } from './covariance/covariance.ts'
import { diagonal } from './covariance/diagonal.ts'
import { full } from './covariance/full.ts'
import { bic, expect, type Mixture, maximize, mixtureOf } from './em.ts'
import { calibrate, type GmmStart } from './gmm-calibrate.ts'
import { checkK, MOST_ROWS } from './kmeans-fit.ts'
import { type Latents, sampleRows, spreadOf } from './latents.ts'
import { type Partition, partition } from './lloyd.ts'

/** Rows that k is chosen on, and how often in a row BIC may get worse before larger ones are not tried any more. */
const CHOOSING_ROWS = 3000
const PATIENCE = 2
const TOLERANCE = 1e-3
const ITERATIONS = 100
/** Rows that strength and start are chosen on. */
const FEW_ROWS = 1000
/** Strengths that are tried, in latents per dimension, and the parts of the rows that likelihood is measured on in turn. */
const STRENGTHS = [1 / 8, 1 / 2, 2, 8]
const FOLDS = 3
/** Starts besides that of the best k-means, iterations after which they are compared, and most multiplications that all may take. */
const STARTS = 5
const EARLY = 20
const MOST_WORK = 2e9

interface Options {
  kind: Covariance
  /** Added to each variance. */
  regularization: number
  /** Latents that the mean covariance counts for in each covariance. */
  strength: number
}

export const covarianceOf = (name: GmmConfig['covariance']): Covariance => (name === 'full' ? full : diagonal)

/** @throws AUSCULT_CONFIG when k is larger than the number of latents, AUSCULT_TRAINING */
export function fitGmm(latents: Latents, config: GmmConfig, random: Random): GmmStart {
  checkK(config.k, latents.rows)
  const sample = sampleRows(latents, MOST_ROWS, random)
  const { variance, square } = spreadOf(sample)
  const regularization = Math.max(config.regularization * variance, 1e-12 * (square || 1))
  const kind = covarianceOf(config.covariance)
  const k =
    config.k === 'auto' ? chooseK(sample, config.max_k, { kind, regularization, strength: 0 }, random) : config.k
  const strength = chooseStrength(sample, k, { kind, regularization }, random)
  const options = { kind, regularization, strength }
  return calibrate(sample, em(sample, chooseStart(sample, k, options, random), options), config, options)
}

/** The k with the least BIC on a sample. */
function chooseK(latents: Latents, maxK: number, options: Options, random: Random): number {
  const sample = sampleRows(latents, CHOOSING_ROWS, random)
  let best = { k: 1, bic: Number.POSITIVE_INFINITY }
  for (let k = 1; k <= Math.min(maxK, sample.rows) && k - best.k <= PATIENCE; k++) {
    const mixture = em(sample, startOf(sample, partition(sample, k, random), options), options)
    const criterion = bic(sample, mixture, options.kind)
    if (criterion < best.bic) best = { k, bic: criterion }
  }
  return best.k
}

/**
 * How much covariances of few latents are drawn to the mean one: what makes the latents that were left out likeliest, as regularized
 * discriminant analysis has it (Friedman, 1989; Hoffbeck and Landgrebe, 1996).
 */
function chooseStrength(latents: Latents, k: number, options: Omit<Options, 'strength'>, random: Random): number {
  const sample = sampleRows(latents, FEW_ROWS, random)
  const { rows, dimensions } = sample
  const strongest = STRENGTHS[STRENGTHS.length - 1] * dimensions
  if (k === 1 || rows < FOLDS * k) return strongest
  const { labels, k: found } = partition(sample, k, random)
  const order = random.shuffle([...labels.keys()])
  let best = { strength: strongest, likelihood: Number.NEGATIVE_INFINITY }
  for (const relative of STRENGTHS) {
    const strength = relative * dimensions
    let likelihood = 0
    for (let fold = 0; fold < FOLDS; fold++) {
      const learned = order.filter((_, i) => i % FOLDS !== fold)
      const held = rowsOf(
        sample,
        order.filter((_, i) => i % FOLDS === fold),
      )
      const part = { k: found, labels: Int32Array.from(learned, row => labels[row]) }
      const mixture = startOf(rowsOf(sample, learned), part, { ...options, strength })
      likelihood += expect(held, mixture, options.kind, new Float64Array(held.rows * mixture.k))
    }
    if (likelihood > best.likelihood) best = { strength, likelihood }
  }
  return best.strength
}

function rowsOf({ data, dimensions: d }: Latents, rows: readonly number[]): Latents {
  const picked = new Float64Array(rows.length * d)
  rows.forEach((row, i) => {
    picked.set(data.subarray(row * d, (row + 1) * d), i * d)
  })
  return { data: picked, rows: rows.length, dimensions: d }
}

/** The likeliest of several starts: that of the best k-means, and those of single runs of it that EM has improved a little. */
function chooseStart(latents: Latents, k: number, options: Options, random: Random): Mixture {
  const sample = sampleRows(latents, FEW_ROWS, random)
  const work = 2 * EARLY * sample.rows * k * options.kind.size(sample.dimensions)
  const starts = Math.min(STARTS, Math.floor(MOST_WORK / work))
  let best: { mixture: Mixture; likelihood: number } | undefined
  for (let i = 0; i <= starts; i++) {
    const found = partition(sample, k, random, i === 0 ? undefined : 1)
    const mixture = em(sample, startOf(sample, found, options), options, EARLY)
    const likelihood = expect(sample, mixture, options.kind, new Float64Array(sample.rows * mixture.k))
    if (!best || likelihood > best.likelihood + TOLERANCE) best = { mixture, likelihood }
  }
  return best!.mixture
}

function startOf(latents: Latents, { k, labels }: Pick<Partition, 'k' | 'labels'>, options: Options): Mixture {
  const responsibilities = new Float64Array(latents.rows * k)
  labels.forEach((c, i) => {
    responsibilities[i * k + c] = 1
  })
  return mixtureOf(latents, responsibilities, k, options.kind, options.regularization, options.strength)
}

const em = (latents: Latents, start: Mixture, { kind, ...options }: Options, iterations = ITERATIONS): Mixture =>
  maximize(latents, start, kind, { ...options, tolerance: TOLERANCE, iterations }).mixture
