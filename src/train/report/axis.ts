/** Maps values to a coordinate and says where its marks are. */
export interface Scale {
  (value: number): number
  readonly ticks: readonly number[]
}

/** Linear from `[low, high]` to `[from, to]`, with about `count` ticks at 1, 2 or 5 × 10ⁿ. */
export function linearScale(low: number, high: number, from: number, to: number, count = 5): Scale {
  const span = high > low ? high - low : Math.abs(low) || 1
  const rough = span / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find(factor => factor * power >= rough) ?? 10) * power
  const ticks: number[] = []
  for (let i = Math.ceil(low / step); i * step <= low + span * (1 + 1e-9); i++) ticks.push(i * step)
  return Object.assign((value: number) => from + ((value - low) / span) * (to - from), { ticks })
}

/** Logarithmic, for values above 0; ticks at powers of ten, or at 1, 2 and 5 × 10ⁿ where those are fewer than three. */
export function logScale(low: number, high: number, from: number, to: number): Scale {
  const inner = linearScale(Math.log10(low), Math.log10(high), from, to)
  const candidates: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    candidates.push(...[1, 2, 5].map(factor => factor * 10 ** power))
  }
  const inside = candidates.filter(tick => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
  const decades = inside.filter(tick => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9)
  const ticks = decades.length >= 3 ? decades : inside
  return Object.assign((value: number) => inner(Math.log10(value)), { ticks })
}

/** Where an axis is marked: fractions of its length from its start, and what is written there. */
export interface Axis {
  /** What it counts, with or as a unit. */
  readonly label: string
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

/** The axis of a scale from 0 to 1. */
export const axisOf = (label: string, scale: Scale): Axis => ({
  label,
  ticks: scale.ticks.map(tick => ({ at: scale(tick), text: formatNumber(tick) })),
})

export const linearAxis = (label: string, low: number, high: number, count = 5): Axis =>
  axisOf(label, linearScale(low, high, 0, 1, count))

/** From 0 to `count` in whole numbers. */
export const indexAxis = (label: string, count: number): Axis => wholeNumbers(linearAxis(label, 0, count))

/** Without the marks between whole numbers. */
export const wholeNumbers = (axis: Axis): Axis => ({
  ...axis,
  ticks: axis.ticks.filter(({ text }) => Number.isInteger(Number(text))),
})

/** Short and readable: at most four significant digits. */
export function formatNumber(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 1e5 || size < 1e-3) return value.toExponential(2).replace(/\.?0+e/, 'e')
  return String(Number(value.toPrecision(4)))
}
