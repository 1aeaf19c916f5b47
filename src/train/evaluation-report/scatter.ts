import { axisOf, linearScale } from '../report/axis.ts'
import { legend } from '../report/plot.ts'
import { drawing, gridLines, plotArea, SIDE } from '../report/plot-area.ts'
import type { Group } from './groups.ts'

/** Items on a map of two dimensions. */
export interface ScatterMap {
  /** What the axes are. */
  readonly axes: readonly [string, string]
  /** `[n]` each. */
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
}

/** Points coloured by their groups, both axes in the same unit. @param names `[n]`: the group of each point */
export function scatter(map: ScatterMap, names: readonly string[], groups: readonly Group[], title: string): string {
  const [x, y] = squareScales(map)
  const parts = groups.map(({ name, className }) => {
    const own = [...names.keys()].filter(i => names[i] === name)
    const path = own.map(i => `M${(SIDE * x(map.x[i])).toFixed(0)} ${(SIDE * (1 - y(map.y[i]))).toFixed(0)}h0`)
    return `<path class="points ${className}" d="${path.join('')}"/>`
  })
  const axes = { x: axisOf(map.axes[0], x), y: axisOf(map.axes[1], y) }
  // What is not known lies below what is.
  const content = drawing(gridLines(axes.y) + [...parts].reverse().join(''))
  const label = `Map of the items, coloured by ${title}`
  return plotArea({ ...axes, content, label, className: 'square' }) + legend(groups, 1)
}

/** The same number of units to both sides, the points in the middle. */
function squareScales({ x, y }: ScatterMap) {
  const [left, right] = extent(x)
  const [bottom, top] = extent(y)
  const reach = Math.max(right - left, top - bottom) * 0.53 || 1
  const around = (low: number, high: number) => linearScale((low + high) / 2 - reach, (low + high) / 2 + reach, 0, 1)
  return [around(left, right), around(bottom, top)] as const
}

function extent(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i])
    high = Math.max(high, values[i])
  }
  return [low, high]
}
