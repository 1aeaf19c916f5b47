import { element } from '../app/dom.js'
import { DifferenceRange } from './difference-range.js'
import { drawHeatmap } from './heatmap.js'

const NAMES = ['Seen', 'Expected', 'Difference']

/** The latest frame, what was expected, and the difference, side by side. */
export class Frames {
  constructor() {
    this.canvases = NAMES.map(() => element('canvas', { class: 'frame-picture' }))
    this.node = element(
      'div',
      { class: 'frames' },
      ...this.canvases.map((canvas, i) => element('figure', {}, element('figcaption', {}, NAMES[i]), canvas)),
    )
    this.differences = new DifferenceRange()
  }

  get ranges() {
    if (!this.view) return undefined
    const { bound } = this.differences
    const { low, high } = this.view
    return { heat: { low, high }, difference: { low: -bound, high: bound } }
  }

  open() {}

  close() {
    this.view = undefined
    this.differences = new DifferenceRange()
  }

  /** @param axes of a bundle of spectrograms: its rows go from low to high, else from the top down */
  take(view, axes) {
    const difference = view.heard.map((value, i) => value - view.expected[i])
    this.differences.take(difference, view.anomalous, view.high - view.low)
    this.view = { ...view, difference, flip: axes.y.name === 'frequency' || axes.y.name === 'bin' }
    this.draw()
  }

  recolour() {
    if (this.view) this.draw()
  }

  draw() {
    const { heard, expected, difference, rows, columns, low, high, flip } = this.view
    const { bound } = this.differences
    const shape = { rows, columns, flip }
    const [seen, wanted, off] = this.canvases
    drawHeatmap(seen, { ...shape, values: heard, low, high, colours: 'heat' })
    drawHeatmap(wanted, { ...shape, values: expected, low, high, colours: 'heat' })
    drawHeatmap(off, { ...shape, values: difference, low: -bound, high: bound, colours: 'difference' })
    for (const canvas of this.canvases) canvas.style.aspectRatio = `${columns} / ${rows}`
  }
}
