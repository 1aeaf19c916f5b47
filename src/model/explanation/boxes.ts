import type { Contributor } from '../../types.ts'
import { labelOf, type Range } from './axis.ts'
import type { FeatureMap } from './feature-map.ts'
import { concentratedRanges, pooled, type SharedRange } from './ranges.ts'
import { concentratedRegions } from './regions.ts'

/** A part of a map, as it is called, and what it holds of a quantity. */
export interface Box extends Pick<Contributor, 'axis' | 'label' | 'share'> {
  readonly rows: Range
  readonly columns: Range
  readonly isAll: boolean
}

/** Parts of a waveform: single samples swing too much to be told from their neighbours. */
const WAVE_PARTS = 64
/** A box along both axes says more than a range along one when it holds so much of what the range does. */
const JOINT = 0.5

/**
 * Where a quantity is concentrated on a map: regions of pixels, or ranges along either axis; the whole map where it is spread evenly.
 * @param parts `[rows × columns]`, not negative @returns largest share first, at least one
 */
export function concentratedBoxes(map: FeatureMap, parts: Float64Array): Box[] {
  const { x, y, rows, columns } = map
  const whole = { rows: { from: 0, to: rows }, columns: { from: 0, to: columns } }
  const found =
    x.kind === 'region'
      ? concentratedRegions(parts, rows, columns).map(region => ({ ...region, ...pixels(map, region), isAll: false }))
      : [
          ...columnRanges(map, parts).map(({ share, ...range }) => ({
            ...whole,
            columns: range,
            ...{ share, axis: x.kind, label: labelOf(x, range), isAll: false },
          })),
          ...rowRanges(map, parts).map(({ share, ...range }) => ({
            ...whole,
            rows: range,
            ...{ share, axis: y!.kind, label: labelOf(y!, range), isAll: false },
          })),
        ]
  if (found.length > 0) return found.sort((a, b) => b.share - a.share)
  const all = y ? { axis: y.kind, label: labelOf(y, whole.rows) } : { axis: x.kind, label: labelOf(x, whole.columns) }
  return [{ ...whole, ...all, ...(x.kind === 'region' && pixels(map, whole)), share: 1, isAll: true }]
}

/** What a sentence is about: the first of the boxes, or what it has in common with the first along the other axis. */
export function mainBox(map: FeatureMap, parts: Float64Array, boxes: readonly Box[]): Box {
  const [first] = boxes
  const { x, y } = map
  const alongX = boxes.find(({ axis }) => axis === x.kind)
  const alongY = boxes.find(({ axis }) => axis === y?.kind)
  if (!y || !alongX || !alongY || alongX === alongY) return first
  const both = { rows: alongY.rows, columns: alongX.columns }
  const share = sumIn(parts, map.columns, both) / parts.reduce((sum, part) => sum + part, 0)
  if (share < JOINT * first.share) return first
  return { ...first, ...both, share, label: `${alongY.label} within ${alongX.label}` }
}

const pixels = ({ x, y }: FeatureMap, { rows, columns }: Pick<Box, 'rows' | 'columns'>) => ({
  axis: x.kind,
  label: [...(y ? [labelOf(y, rows)] : []), labelOf(x, columns)].join(', '),
})

function columnRanges({ x, rows, columns }: FeatureMap, parts: Float64Array): SharedRange[] {
  const profile = new Float64Array(columns)
  for (let i = 0; i < parts.length; i++) profile[i % columns] += parts[i]
  const size = x.unit === 's' && rows === 1 ? Math.ceil(columns / WAVE_PARTS) : 1
  return concentratedRanges(pooled(profile, size)).map(({ from, to, share }) => ({
    from: from * size,
    to: Math.min(columns, to * size),
    share,
  }))
}

function rowRanges({ rows, columns }: FeatureMap, parts: Float64Array): SharedRange[] {
  return rows > 1 ? concentratedRanges(pooled(parts, columns)) : []
}

function sumIn(matrix: Float64Array, width: number, { rows, columns }: Pick<Box, 'rows' | 'columns'>): number {
  let sum = 0
  for (let row = rows.from; row < rows.to; row++) {
    for (let column = columns.from; column < columns.to; column++) sum += matrix[row * width + column]
  }
  return sum
}
