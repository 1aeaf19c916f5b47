const LOG_STEPS = [1, 2, 5]

/** Where a value lies on an axis of cells that are drawn equally wide: 0 at its begin, 1 at its end. */
export function placeOf(value, edges) {
  const count = edges.length - 1
  let low = 0
  let high = count
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (edges[middle] <= value) low = middle
    else high = middle
  }
  return (low + (value - edges[low]) / (edges[low + 1] - edges[low])) / count
}

/**
 * Round values to label along an axis, none nearer to another than `apart` (a part of its length).
 * @returns `[{ value, at }]`, `at` from 0 to 1
 */
export function axisTicks(edges, apart) {
  const [low, high] = [edges[0], edges.at(-1)]
  const ticks = []
  for (const value of isEven(edges) ? evenSteps(low, high, apart) : logSteps(Math.max(low, high / 1e4), high)) {
    const at = placeOf(value, edges)
    if (at > 0.01 && at < 0.99 && ticks.every(tick => Math.abs(tick.at - at) >= apart)) ticks.push({ value, at })
  }
  return ticks
}

function isEven(edges) {
  const middle = edges[Math.floor((edges.length - 1) / 2)]
  const expected = edges[0] + ((edges.at(-1) - edges[0]) * Math.floor((edges.length - 1) / 2)) / (edges.length - 1)
  return Math.abs(middle - expected) < 0.05 * (edges.at(-1) - edges[0])
}

/** Round values between two others, none nearer to another than `apart` (a part of their distance). */
export function evenSteps(low, high, apart) {
  const least = (high - low) * apart
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].find(n => n * power >= least) * power
  const values = []
  for (let i = Math.ceil(low / step); i * step <= high; i++) values.push(i * step)
  return values
}

/** From high to low, since high frequencies have the most room. Powers of ten come before the steps between them. */
function logSteps(low, high) {
  const values = []
  for (let power = Math.floor(Math.log10(high)); power >= Math.floor(Math.log10(low)); power--) {
    for (const step of LOG_STEPS) values.push({ value: step * 10 ** power, step })
  }
  return values
    .filter(({ value }) => value >= low && value <= high)
    .sort((a, b) => a.step - b.step || b.value - a.value)
    .map(({ value }) => value)
}

/** `500`, `2 k`, `1.5 k` */
export const hertz = value => (value >= 1000 ? `${Number((value / 1000).toPrecision(3))} k` : String(Math.round(value)))
