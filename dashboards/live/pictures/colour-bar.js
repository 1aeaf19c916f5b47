import { number } from '../app/format.js'
import { drawHeatmap } from './heatmap.js'

const CELLS = Float32Array.from({ length: 256 }, (_, i) => i)

/** What colours stand for: a bar with the least value at its left, the greatest at its right, and the unit. */
export class ColourBar {
  /** @param {'heat' | 'difference'} colours */
  constructor(colours) {
    this.colours = colours
    this.node = part('span', 'colour-bar')
    this.low = part('span', 'colour-bar-low')
    this.canvas = part('canvas', 'colour-bar-colours')
    this.canvas.setAttribute('aria-hidden', 'true')
    this.high = part('span', 'colour-bar-high')
    this.node.append(this.low, this.canvas, this.high)
  }

  /** @param {{ low: number, high: number, unit?: string }} range */
  show({ low, high, unit = '' }) {
    const sign = this.colours === 'difference' ? '+' : ''
    this.low.textContent = number(low).replace('-', '−')
    this.high.textContent = `${sign}${number(high).replace('-', '−')} ${unit}`.trim()
    this.draw()
  }

  /** Draws the bar once more, as after a change of theme. */
  draw() {
    const { colours } = this
    drawHeatmap(this.canvas, { values: CELLS, rows: 1, columns: CELLS.length, low: 0, high: 255, colours })
  }
}

function part(tag, name) {
  const node = document.createElement(tag)
  node.className = name
  return node
}
