import { number } from '../app/format.js'
import { axisTicks, hertz } from '../pictures/ticks.js'

/**
 * What to write along an axis of matrices.
 * @param {{ unit: string, edges: number[] }} axis as in evidence files: cell i lies between edges i and i + 1
 * @param {number} apart least distance of two labels, as a part of the length
 * @returns {{ at: number, text: string }[]} `at`: 0 at the start of the first cell, 1 at the end of the last
 */
export function axisLabels({ unit, edges }, apart) {
  const text = unit === 'Hz' ? hertz : value => String(Number(value.toPrecision(4)))
  return axisTicks(edges, apart)
    .filter(({ value }) => unit !== 'index' || Number.isInteger(value))
    .map(({ value, at }) => ({ at, text: text(value) }))
}

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
