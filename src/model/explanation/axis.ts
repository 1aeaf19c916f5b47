import type { Contributor } from '../../types.ts'

/** One axis of a feature map: parts that lie side by side, each with a place in the world. */
export interface FeatureAxis {
  /** What its parts are: `time`, `frequency`, `row`, `column`, `frame`, `bin`, `value`. */
  readonly name: string
  /** Of the edges; `index` counts things from 0. */
  readonly unit: 's' | 'Hz' | 'index'
  /** Part i lies between edges i and i + 1; ascending, one more than there are parts. */
  readonly edges: Float64Array
  /** What a contributor along it is called. */
  readonly kind: Contributor['axis']
}

/** Parts `from … to − 1` of an axis. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** `2.1–2.6 kHz`, `0.31–0.42 s`, `rows 3–8`, `row 3`. */
export function labelOf({ name, unit, edges }: FeatureAxis, { from, to }: Range): string {
  const [low, high] = [edges[from], edges[to]]
  if (unit === 'index') {
    const last = Math.max(low, high - 1)
    return last > low ? `${name}s ${low}–${last}` : `${name} ${low}`
  }
  const inThousands = unit === 'Hz' && high >= 1000
  return `${span(low, high, inThousands ? 1000 : 1)} ${inThousands ? 'kHz' : unit}`
}

/** As many decimals as tell the two apart. */
function span(low: number, high: number, perUnit: number): string {
  const decimals = Math.max(0, Math.min(6, Math.ceil(-Math.log10((high - low) / perUnit / 4))))
  const text = (value: number) => (value / perUnit).toFixed(decimals)
  return Number(text(low)) === 0 ? `0–${text(high)}` : `${text(low)}–${text(high)}`
}

/** `count` parts of equal width from `from` on. */
export const evenEdges = (from: number, width: number, count: number): Float64Array =>
  Float64Array.from({ length: count + 1 }, (_, i) => from + i * width)

/** `perPart` whole things in each of `count` parts. */
export const indexAxis = (name: string, kind: FeatureAxis['kind'], count: number, perPart = 1): FeatureAxis => ({
  name,
  unit: 'index',
  edges: evenEdges(0, perPart, count),
  kind,
})
