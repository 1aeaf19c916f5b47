import type { Contributor } from '../../types.ts'
import type { Reconstructed } from '../scorer.ts'
import { type Box, concentratedBoxes, mainBox } from './boxes.ts'
import type { FeatureMap } from './feature-map.ts'
import { summarize } from './summary.ts'
import { type ScoreWeights, scoreParts } from './weights.ts'

/** Why a window scored as it did. All matrices are `[rows × columns]` of the map, in the unit of its features. */
export interface ResidualExplanation {
  /** One sentence for people. */
  readonly summary: string
  /** Largest first, five at most. */
  readonly contributors: readonly Contributor[]
  readonly features: Float64Array
  readonly reconstruction: Float64Array
  /** Features less reconstruction. */
  readonly residual: Float64Array
}

const MOST = 5

/** @param reconstructed one window's @param featureSize values of one item */
export function explainResidual(
  map: FeatureMap,
  reconstructed: Reconstructed,
  featureSize: number,
  weights: ScoreWeights,
): ResidualExplanation {
  const features = map.mean(reconstructed.features)
  const reconstruction = map.mean(reconstructed.reconstruction)
  const residual = features.map((value, i) => value - reconstruction[i])
  const parts = map.sum(scoreParts(reconstructed, featureSize, weights)).map(part => Math.max(0, part))
  const boxes = concentratedBoxes(map, parts).slice(0, MOST)
  const contributors = boxes.map(box => {
    const { axis, label, share } = box
    return { axis, label, share, difference: differenceIn(residual, map.columns, box).difference }
  })
  const main = mainBox(map, parts, boxes)
  const summary = summarize({ ...main, ...differenceIn(residual, map.columns, main) }, map.unit)
  return { summary, contributors, features, reconstruction, residual }
}

/** Mean of a residual in a box, and its root mean square. */
function differenceIn(residual: Float64Array, width: number, box: Box): { difference: number; typical: number } {
  const { rows, columns } = box
  let sum = 0
  let squares = 0
  for (let row = rows.from; row < rows.to; row++) {
    for (let column = columns.from; column < columns.to; column++) {
      const value = residual[row * width + column]
      sum += value
      squares += value * value
    }
  }
  const count = (rows.to - rows.from) * (columns.to - columns.from)
  return { difference: sum / count, typical: Math.sqrt(squares / count) }
}
