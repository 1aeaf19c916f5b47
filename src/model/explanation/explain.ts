import type { Contributor } from '../../types.ts'
import type { Reconstructed } from '../scorer.ts'
import { type FeatureAxis, labelOf, type Range } from './axis.ts'
import type { FeatureMap } from './feature-map.ts'
import { concentratedRanges, pooled } from './ranges.ts'
import { concentratedRegions } from './regions.ts'
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
/** Parts of a waveform: single samples swing too much to be told from their neighbours. */
const WAVE_PARTS = 64

type Box = { readonly rows: Range; readonly columns: Range }

/** @param reconstructed one window's */
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
  const found = boxesOf(map, parts).map(({ axis, label, share, ...box }) => ({
    axis,
    label,
    share,
    ...differenceIn(residual, map.columns, box),
    isAll: box.rows.to - box.rows.from === map.rows && box.columns.to - box.columns.from === map.columns,
  }))
  const top = found.sort((a, b) => b.share - a.share).slice(0, MOST)
  const contributors = top.map(({ axis, label, share, difference }) => ({ axis, label, share, difference }))
  return { summary: summarize(top, map.unit), contributors, features, reconstruction, residual }
}

type Named = Box & Pick<Contributor, 'axis' | 'label' | 'share'>

/** Where the parts are concentrated; all of the map where they are not. */
function boxesOf(map: FeatureMap, parts: Float64Array): Named[] {
  const { x, y, rows, columns } = map
  const all = { rows: { from: 0, to: rows }, columns: { from: 0, to: columns } }
  const name = (box: Box & { share: number }): Named => ({ ...box, axis: x.kind, label: boxLabel(x, y, box) })
  if (x.kind === 'region') {
    const regions = concentratedRegions(parts, rows, columns)
    return regions.length > 0 ? regions.map(name) : [name({ ...all, share: 1 })]
  }
  const alongX = columnRanges(map, parts).map(
    ({ share, ...range }): Named => ({ ...all, columns: range, share, axis: x.kind, label: labelOf(x, range) }),
  )
  const alongY = y ? concentratedRanges(profile(parts, rows, columns, 'rows')) : []
  const found = [
    ...alongX,
    ...alongY.map(
      ({ share, ...range }): Named => ({ ...all, rows: range, share, axis: y!.kind, label: labelOf(y!, range) }),
    ),
  ]
  if (found.length > 0) return found
  const whole = y ?? x
  return [{ ...all, share: 1, axis: whole.kind, label: labelOf(whole, y ? all.rows : all.columns) }]
}

const boxLabel = (x: FeatureAxis, y: FeatureAxis | undefined, box: Box): string =>
  [...(y ? [labelOf(y, box.rows)] : []), labelOf(x, box.columns)].join(', ')

function columnRanges({ x, rows, columns }: FeatureMap, parts: Float64Array) {
  const whole = profile(parts, rows, columns, 'columns')
  const size = x.unit === 's' && rows === 1 ? Math.ceil(columns / WAVE_PARTS) : 1
  return concentratedRanges(pooled(whole, size)).map(({ from, to, share }) => ({
    from: from * size,
    to: Math.min(columns, to * size),
    share,
  }))
}

function profile(matrix: Float64Array, rows: number, columns: number, side: 'rows' | 'columns'): Float64Array {
  const sums = new Float64Array(side === 'rows' ? rows : columns)
  matrix.forEach((value, i) => {
    sums[side === 'rows' ? Math.floor(i / columns) : i % columns] += value
  })
  return sums
}

/** Mean of a residual in a box, and its root mean square. */
function differenceIn(residual: Float64Array, width: number, { rows, columns }: Box) {
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
