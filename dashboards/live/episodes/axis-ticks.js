import { number } from '../app/format.js'

const LOG_STEPS = [1, 2, 5]
const LINEAR_STEPS = [1, 2, 2.5, 5, 10]

/**
 * What to write along an axis of matrices.
 * @param {{ name: string, unit: string, edges: number[] }} axis as in evidence files: cell i lies between edges i and i + 1
 * @param {number} most labels
 * @returns {{ at: number, text: string }[]} `at`: 0 at the start of the first cell, 1 at the end of the last
 */
export function axisTicks({ unit, edges }, most) {
  const [from, to] = [edges[0], edges[edges.length - 1]]
  if (!(to > from)) return []
  const values = isStretched(edges) ? logValues(from, to) : linearValues(from, to, most, unit === 'index')
  const ticks = []
  for (const value of values) {
    const at = placeOf(value, edges)
    if (ticks.length > 0 && at - ticks[ticks.length - 1].at < 0.9 / most) continue
    ticks.push({ at, text: short(value) })
  }
  return ticks
}

/** Whether cells grow along the axis, as mel bands do. */
const isStretched = edges => edges.length > 4 && edges.at(-1) - edges.at(-2) > 2.5 * (edges[1] - edges[0])

function logValues(from, to) {
  const values = []
  for (let power = Math.floor(Math.log10(Math.max(from, to / 1e4))); 10 ** power <= to; power++) {
    for (const step of LOG_STEPS) {
      const value = step * 10 ** power
      if (value >= from && value <= to) values.push(value)
    }
  }
  return values
}

function linearValues(from, to, most, isWhole) {
  const rough = (to - from) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  let step = power * LINEAR_STEPS.find(each => each * power >= rough * 0.999)
  if (isWhole) step = Math.max(1, Math.ceil(step))
  const values = []
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) values.push(i * step)
  return values
}

/** Where a value lies along the cells. */
function placeOf(value, edges) {
  const cells = edges.length - 1
  let i = 0
  while (i < cells - 1 && edges[i + 1] < value) i++
  return (i + (value - edges[i]) / (edges[i + 1] - edges[i])) / cells
}

const short = value => (Math.abs(value) >= 1000 ? `${number(value / 1000)}k` : String(Number(value.toPrecision(4))))

/** `Hz`, `s`; the name where things are counted. */
export const axisTitle = ({ name, unit }) => (unit === 'index' ? name : unit)

/** The middle of a cell, in words: `3.14 kHz`, `0.52 s`, `row 7`. */
export function cellText({ name, unit, edges }, i) {
  if (unit === 'index') {
    const last = edges[i + 1] - 1
    return last > edges[i] ? `${name}s ${edges[i]}–${last}` : `${name} ${edges[i]}`
  }
  const middle = (edges[i] + edges[i + 1]) / 2
  return unit === 'Hz' && middle >= 1000 ? `${number(middle / 1000)} kHz` : `${number(middle)} ${unit}`
}
