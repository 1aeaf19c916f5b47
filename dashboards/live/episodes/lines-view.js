import { element, setText } from '../app/dom.js'
import { number } from '../app/format.js'
import { axisLabels, axisTitle } from './axis-text.js'
import { onWidth, svg } from './svg.js'

const HEIGHT = 220
const LEFT = 48
const BELOW = 26

/** What came and what was expected of things that have one axis only, as two lines: samples, or values of a vector. */
export class LinesView {
  constructor() {
    this.plot = element('div', { class: 'lines-plot' })
    this.unit = element('span', { class: 'muted' })
    this.node = element(
      'div',
      { class: 'lines' },
      element(
        'p',
        { class: 'lines-legend' },
        element('span', { 'data-line': 'came' }, 'what came'),
        element('span', { 'data-line': 'expected' }, 'what was expected'),
        this.unit,
      ),
      this.plot,
    )
    onWidth(this.plot, width => this.draw(width))
  }

  /** @param {object} evidence as the daemon answers it, with one row */
  show({ features, reconstruction, axes, unit }) {
    this.values = { came: features[0], expected: reconstruction[0], axis: axes.x }
    setText(this.unit, unit)
    this.draw(this.plot.clientWidth)
  }

  draw(width = this.plot.clientWidth) {
    if (!this.values || width === 0) return
    const { came, expected, axis } = this.values
    const [low, high] = [...came, ...expected].reduce(
      ([a, b], x) => [Math.min(a, x), Math.max(b, x)],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    )
    const scale = (HEIGHT - BELOW - 12) / (high - low || 1)
    const y = value => HEIGHT - BELOW - (value - low) * scale
    const x = at => LEFT + at * (width - LEFT - 8)
    const label = 'What came and what was expected, as lines'
    const root = svg('svg', { width, height: HEIGHT, role: 'img', 'aria-label': label })
    for (const value of [low, (low + high) / 2, high]) {
      root.append(
        svg('line', { class: 'grid', x1: LEFT, x2: width - 8, y1: y(value), y2: y(value) }),
        svg('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, number(value).replace('-', '−')),
      )
    }
    for (const { at, text } of axisLabels(axis, 0.14)) {
      root.append(svg('text', { x: x(at), y: HEIGHT - 8, 'text-anchor': 'middle' }, text))
    }
    root.append(svg('text', { x: width - 8, y: HEIGHT - 8, 'text-anchor': 'end' }, axisTitle(axis)))
    root.append(svg('path', { class: 'line-expected', d: path(expected, x, y, width) }))
    root.append(svg('path', { class: 'line-came', d: path(came, x, y, width) }))
    this.plot.replaceChildren(root)
  }
}

/** A line through all values; of more than there are pixels, the least and the greatest of each pixel. */
function path(values, x, y, width) {
  const bins = Math.min(values.length, Math.floor(width))
  const points = []
  for (let bin = 0; bin < bins; bin++) {
    const from = Math.floor((bin * values.length) / bins)
    const to = Math.floor(((bin + 1) * values.length) / bins)
    const part = values.slice(from, to)
    const at = x((from + to) / 2 / values.length).toFixed(1)
    const ends = part.length > 1 ? [Math.min(...part), Math.max(...part)] : part
    for (const value of ends) points.push(`${at} ${y(value).toFixed(1)}`)
  }
  return `M${points.join('L')}`
}
