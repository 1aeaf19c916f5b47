import { AuscultError } from '../../errors.ts'
import type { FrontEndConfig } from '../frontends/config.ts'
import { sizeOf } from '../frontends/frontend.ts'

/** The axes of features `[…featureShape]` with their lengths, in their order. */
export interface Axis {
  readonly name: string
  readonly size: number
}

/**
 * How features `[batch, …axes]` become a model's input: axes in another order, then joined. Each entry is a dimension of the input:
 * the axes (by index, −1 the batch) that are joined in it, none where its length is 1.
 */
export type Layout = readonly (readonly number[])[]

const BATCH = -1

/** Names for the axes of what a front end gives. */
export function axesOf(config: FrontEndConfig, featureShape: readonly number[]): Axis[] {
  return featureShape.map((size, i) => ({ name: namesOf(config, featureShape.length)[i], size }))
}

function namesOf(config: FrontEndConfig, rank: number): string[] {
  if (rank === 1) return ['values']
  if (config.type === 'raw') return ['samples', 'channels']
  if (config.type !== 'frame') return ['frames', 'bins', 'channels']
  const extra = Array.from({ length: Math.max(0, rank - 3) }, (_, i) => (rank === 4 ? 'depth' : `axis${i}`))
  return [...extra, 'height', 'width', 'channels']
}

/** Whether the order of the axes is everybody's: an image's rows come before its columns, time and frequency change places. */
const keepsOrder = (config: FrontEndConfig): boolean => config.type === 'frame'

/** `batch channels bins frames`, `batch (frames bins)`, `batch 1 values`. @throws AUSCULT_CONFIG */
export function parseLayout(text: string, axes: readonly Axis[], at: string): Layout {
  const fail = (message: string): never => {
    const remedy = `The axes are batch ${axes.map(({ name }) => name).join(' ')}; 1 is a dimension of its own, (a b) joins axes.`
    throw new AuscultError('AUSCULT_CONFIG', `input.layout: ${message}`, { at, remedy })
  }
  const layout: number[][] = []
  for (const [token] of text.matchAll(/\([^()]*\)|[^\s()]+|[()]/g)) {
    const words = token.startsWith('(') ? token.slice(1, -1).trim().split(/\s+/) : [token]
    const group = words
      .filter(word => word !== '1')
      .map(word => {
        const index = word === 'batch' ? BATCH : axes.findIndex(({ name }) => name === word)
        return index === -1 && word !== 'batch' ? fail(`there is no axis ${word}`) : index
      })
    layout.push(group)
  }
  const used = layout.flat()
  if (new Set(used).size !== used.length) fail('an axis is named twice')
  if (!layout.some(group => group.length === 1 && group[0] === BATCH)) fail('the batch must be a dimension of its own')
  const missing = axes.find(({ size }, i) => size > 1 && !used.includes(i))
  if (missing) fail(`the axis ${missing.name} is left out`)
  return layout
}

export const layoutText = (layout: Layout, axes: readonly Axis[]): string =>
  layout
    .map(group => group.map(axis => (axis === BATCH ? 'batch' : axes[axis].name)))
    .map(names => (names.length === 0 ? '1' : names.length === 1 ? names[0] : `(${names.join(' ')})`))
    .join(' ')

/** Dimensions of the input; the batch is −1. */
export const inputShape = (layout: Layout, axes: readonly Axis[]): number[] =>
  layout.map(group => (group[0] === BATCH ? -1 : sizeOf(group.map(axis => axes[axis].size))))

/** Order in which the axes of `[batch, …axes]` are taken, the batch being 0. Axes of length 1 that no dimension names come last. */
export function permutation(layout: Layout, axes: readonly Axis[]): number[] {
  const order = layout.flat().map(axis => axis + 1)
  return [...order, ...[0, ...axes.map((_, i) => i + 1)].filter(axis => !order.includes(axis))]
}

/** Whether an input of these dimensions (null: any) can take the layout. */
export function fits(layout: Layout, axes: readonly Axis[], dims: readonly (number | null)[]): boolean {
  const shape = inputShape(layout, axes)
  return shape.length === dims.length && shape.every((n, i) => n === -1 || dims[i] === null || dims[i] === n)
}

/** Layouts, batch first, that an input of these dimensions (null: any length) can take. */
export function candidates(config: FrontEndConfig, axes: readonly Axis[], dims: readonly (number | null)[]): Layout[] {
  const long = axes.map((_, i) => i).filter(i => axes[i].size > 1)
  const channels = axes.length - 1
  const orders = permutationsOf(long).filter(
    order => !keepsOrder(config) || isSorted(order.filter(axis => axis !== channels)),
  )
  const found = orders.flatMap(order => partitions(order, axes, dims.slice(1)))
  const texts = new Map(found.map(groups => [JSON.stringify(groups), [[BATCH], ...groups]]))
  return [...texts.values()]
}

const isSorted = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || values[i - 1] < value)

const permutationsOf = (items: readonly number[]): number[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap(first => permutationsOf(items.filter(item => item !== first)).map(rest => [first, ...rest]))

/** Ways to cut the ordered axes into runs whose lengths multiply to the dimensions. */
function partitions(order: readonly number[], axes: readonly Axis[], dims: readonly (number | null)[]): number[][][] {
  if (dims.length === 0) return order.length === 0 ? [[]] : []
  const [dim, ...rest] = dims
  const result: number[][][] = []
  for (let count = 0; count <= order.length; count++) {
    const group = order.slice(0, count)
    const size = sizeOf(group.map(axis => axes[axis].size))
    if (dim === null ? count > 1 && rest.length > 0 : size !== dim) continue
    for (const others of partitions(order.slice(count), axes, rest)) result.push([group, ...others])
  }
  return result
}
