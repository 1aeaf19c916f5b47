import type { Range } from './axis.ts'
import { sumOf, trimmed } from './ranges.ts'

export interface Region {
  readonly rows: Range
  readonly columns: Range
  /** Part of the whole, 0 to 1. */
  readonly share: number
}

/** Blocks along the longer side at most: single pixels of large frames are too noisy to be told from their neighbours. */
const BLOCKS = 32
/** A block counts when it holds so many times the share that it would if all had the same. */
const DENSITY = 2
/** A region counts when it holds so much more than its fair share. */
const EXCESS = 0.05

type Box = { readonly rows: Range; readonly columns: Range }

/**
 * Where in a matrix a quantity is concentrated: boxes around blocks that hold well above the average and touch each other, without their
 * faint borders. Boxes do not overlap.
 * @param matrix `[rows × columns]`, not negative @returns largest share first; empty when the quantity is spread evenly, or is 0
 */
export function concentratedRegions(matrix: Float64Array, rows: number, columns: number): Region[] {
  const total = matrix.reduce((sum, value) => sum + value, 0)
  if (!(total > 0)) return []
  const side = Math.max(1, Math.ceil(Math.max(rows, columns) / BLOCKS))
  const boxes = blockBoxes(matrix, rows, columns, side, (DENSITY * total) / (rows * columns))
  return disjoint(boxes)
    .map(box => shrunk(matrix, columns, box))
    .map(box => ({ ...box, share: sumOf(profileOf(matrix, columns, box, 'rows'), wholeOf(box.rows)) / total }))
    .filter(({ share, ...box }) => share - areaOf(box) / (rows * columns) >= EXCESS)
    .sort((a, b) => b.share - a.share)
}

/** Bounding boxes, in cells, of blocks above a level per cell that share a border. */
function blockBoxes(matrix: Float64Array, rows: number, columns: number, side: number, level: number): Box[] {
  const [tall, wide] = [Math.ceil(rows / side), Math.ceil(columns / side)]
  const sums = new Float64Array(tall * wide)
  const cells = new Int32Array(tall * wide)
  matrix.forEach((value, i) => {
    const block = Math.floor(Math.floor(i / columns) / side) * wide + Math.floor((i % columns) / side)
    sums[block] += value
    cells[block]++
  })
  const hot = Array.from(sums, (sum, block) => sum >= level * cells[block])
  const boxes: Box[] = []
  for (let start = 0; start < hot.length; start++) {
    if (!hot[start]) continue
    let box: Box = blockBox(start, wide)
    const open = [start]
    hot[start] = false
    for (let block = open.pop(); block !== undefined; block = open.pop()) {
      box = around(box, blockBox(block, wide))
      for (const next of neighbours(block, tall, wide)) {
        if (!hot[next]) continue
        hot[next] = false
        open.push(next)
      }
    }
    boxes.push({ rows: scaled(box.rows, side, rows), columns: scaled(box.columns, side, columns) })
  }
  return boxes
}

function neighbours(block: number, tall: number, wide: number): number[] {
  const [row, column] = [Math.floor(block / wide), block % wide]
  return [
    ...(row > 0 ? [block - wide] : []),
    ...(row < tall - 1 ? [block + wide] : []),
    ...(column > 0 ? [block - 1] : []),
    ...(column < wide - 1 ? [block + 1] : []),
  ]
}

const blockBox = (block: number, wide: number): Box => ({
  rows: { from: Math.floor(block / wide), to: Math.floor(block / wide) + 1 },
  columns: { from: block % wide, to: (block % wide) + 1 },
})

const scaled = ({ from, to }: Range, side: number, end: number): Range => ({
  from: from * side,
  to: Math.min(end, to * side),
})

const union = (a: Range, b: Range): Range => ({ from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) })

const around = (a: Box, b: Box): Box => ({ rows: union(a.rows, b.rows), columns: union(a.columns, b.columns) })

const meet = (a: Range, b: Range): boolean => a.from < b.to && b.from < a.to

/** Boxes that overlap become one around both, until none do. */
function disjoint(boxes: readonly Box[]): Box[] {
  const result: Box[] = []
  for (let box of boxes) {
    for (let i = 0; i < result.length; ) {
      const other = result[i]
      if (meet(box.rows, other.rows) && meet(box.columns, other.columns)) {
        box = around(box, other)
        result.splice(i, 1)
        i = 0
      } else i++
    }
    result.push(box)
  }
  return result
}

function shrunk(matrix: Float64Array, columns: number, box: Box): Box {
  const inside = (side: 'rows' | 'columns', outer: Box): Range => {
    const { from, to } = trimmed(profileOf(matrix, columns, outer, side), wholeOf(outer[side]))
    return { from: outer[side].from + from, to: outer[side].from + to }
  }
  const lower = { ...box, rows: inside('rows', box) }
  return { ...lower, columns: inside('columns', lower) }
}

/** Sums over a box along one side of it. */
function profileOf(matrix: Float64Array, columns: number, box: Box, side: 'rows' | 'columns'): Float64Array {
  const profile = new Float64Array(box[side].to - box[side].from)
  for (let row = box.rows.from; row < box.rows.to; row++) {
    for (let column = box.columns.from; column < box.columns.to; column++) {
      profile[side === 'rows' ? row - box.rows.from : column - box.columns.from] += matrix[row * columns + column]
    }
  }
  return profile
}

const wholeOf = ({ from, to }: Range): Range => ({ from: 0, to: to - from })

const areaOf = ({ rows, columns }: Box): number => (rows.to - rows.from) * (columns.to - columns.from)
