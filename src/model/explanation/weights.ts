import type { Reconstructed } from '../scorer.ts'

/** What a bundle says about how residuals become a score. */
export interface ScoreWeights {
  /** Of the normalisation: value i of the features is scaled by entry i % length. */
  readonly scale: readonly number[]
  /** Of each feature's mean residual over items, normalised; where it is given the score is residualScores. */
  readonly residualSpread?: readonly number[]
}

/**
 * What each value of the features adds to the score, up to a factor.
 *
 * Without a spread: its squared residual in normalised units. With one: the score is a sum of squares of the mean residual over
 * items m = Σ rᵢ / n in units of its spread s, and item i gets the part m rᵢ / s² of it, which is negative where the item
 * differs from the others. Parts add up to the score in both cases.
 * @returns `[items × feature size]`
 */
export function scoreParts(
  { features, reconstruction }: Reconstructed,
  featureSize: number,
  { scale, residualSpread: spread }: ScoreWeights,
): Float64Array {
  const residual = new Float64Array(features.length)
  for (let i = 0; i < residual.length; i++) residual[i] = (features[i] - reconstruction[i]) * scale[i % scale.length]
  if (!spread) return residual.map(r => r * r)
  const items = features.length / featureSize
  const mean = new Float64Array(featureSize)
  for (let i = 0; i < residual.length; i++) mean[i % featureSize] += residual[i] / items
  return residual.map((r, i) => (r * mean[i % featureSize]) / spread[i % featureSize] ** 2)
}
