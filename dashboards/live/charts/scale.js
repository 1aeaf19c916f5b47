/** Round numbers to label between two values of a logarithmic axis: powers of ten, with 2 and 5 (or finer) where they fit. */
export function logTicks(low, high) {
  const decades = Math.log10(high / low)
  const steps = decades > 3 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8]
  const every = decades > 8 ? 2 : 1
  const ticks = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    if (power % every !== 0) continue
    for (const step of steps) {
      const value = step * 10 ** power
      if (value >= low && value <= high) ticks.push(value)
    }
  }
  return ticks
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 300]

/** Whole times (ms) to label in a span, at most `most` of them. */
export function timeTicks(from, to, most) {
  const step = 1000 * (STEPS.find(seconds => (to - from) / (seconds * 1000) <= most) ?? 600)
  const ticks = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return ticks
}

/** Moves `value` towards `target` as a first-order lag of `seconds` does in `elapsed` seconds. */
export const approach = (value, target, elapsed, seconds) =>
  seconds > 0 ? value + (target - value) * (1 - Math.exp(-elapsed / seconds)) : target
