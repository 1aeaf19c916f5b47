import { element, setText } from '../app/dom.js'
import { number } from '../app/format.js'
import { DifferenceRange } from './difference-range.js'
import { drawHeatmap } from './heatmap.js'

const NAMES = ['Seen', 'Expected', 'Difference']
/** Pictures are as wide as there is room, and this high at most. */
const HIGHEST_REM = 24
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/** The latest frame, what was expected, and the difference, side by side. */
export class Frames {
  constructor() {
    this.parts = NAMES.map(name => {
      const canvas = element('canvas', { class: 'frame-picture' })
      const mark = element('i', { class: 'frame-mark', hidden: true })
      const place = element('div', { class: 'frame-place' }, canvas, mark)
      canvas.addEventListener('pointermove', event => this.point(canvas, event))
      canvas.addEventListener('pointerdown', event => this.point(canvas, event))
      canvas.addEventListener('pointerleave', () => this.setCursor(undefined))
      return { canvas, mark, place, node: element('figure', {}, element('figcaption', {}, name), place) }
    })
    this.reading = element('p', { class: 'pictures-reading', 'aria-live': 'off' })
    this.node = element(
      'div',
      { class: 'frames', tabindex: '0', role: 'group', 'aria-roledescription': 'frame' },
      ...this.parts.map(({ node }) => node),
    )
    this.node.addEventListener('blur', () => this.setCursor(undefined))
    this.node.addEventListener('keydown', event => this.key(event))
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
  }

  /** @param axes rows of frequencies go from low to high, others from the top down */
  take(view, axes) {
    const difference = view.heard.map((value, i) => value - view.expected[i])
    this.differences.take(difference, view.anomalous, view.high - view.low)
    this.axes = axes
    this.view = { ...view, difference, flip: axes.y.name === 'frequency' || axes.y.name === 'bin' }
    this.draw()
    this.read()
  }

  recolour() {
    if (this.view) this.draw()
  }

  draw() {
    const { heard, expected, difference, rows, columns, low, high, flip } = this.view
    const { bound } = this.differences
    const shape = { rows, columns, flip }
    const [seen, wanted, off] = this.parts.map(({ canvas }) => canvas)
    drawHeatmap(seen, { ...shape, values: heard, low, high, colours: 'heat' })
    drawHeatmap(wanted, { ...shape, values: expected, low, high, colours: 'heat' })
    drawHeatmap(off, { ...shape, values: difference, low: -bound, high: bound, colours: 'difference' })
    for (const { place } of this.parts) {
      place.style.aspectRatio = `${columns} / ${rows}`
      place.style.width = `min(100%, ${((HIGHEST_REM * columns) / rows).toFixed(2)}rem)`
    }
  }

  point(canvas, { offsetX, offsetY }) {
    if (!this.view) return
    const { rows, columns } = this.view
    const across = Math.floor((offsetX / canvas.clientWidth) * columns)
    const down = Math.floor((offsetY / canvas.clientHeight) * rows)
    this.setCursor({ across, down })
  }

  key(event) {
    const step = STEPS[event.key]
    if (event.key === 'Escape') this.setCursor(undefined)
    else if (step && this.view) {
      const { across, down } = this.cursor ?? { across: this.view.columns >> 1, down: this.view.rows >> 1 }
      this.setCursor({ across: across + step[0], down: down + step[1] })
    } else return
    event.preventDefault()
  }

  /** @param cursor the cell that is read, counted from the left and from above as it is drawn */
  setCursor(cursor) {
    this.cursor = cursor && {
      across: Math.min(this.view.columns - 1, Math.max(0, cursor.across)),
      down: Math.min(this.view.rows - 1, Math.max(0, cursor.down)),
    }
    for (const { mark } of this.parts) {
      mark.hidden = !this.cursor
      if (!this.cursor) continue
      const { rows, columns } = this.view
      mark.style.left = `${(100 * this.cursor.across) / columns}%`
      mark.style.top = `${(100 * this.cursor.down) / rows}%`
      mark.style.width = `${100 / columns}%`
      mark.style.height = `${100 / rows}%`
    }
    this.read()
  }

  /** Writes the values of the cell under the pointer. */
  read() {
    setText(this.reading, this.cursor && this.view ? this.textAt(this.cursor) : '')
  }

  textAt({ across, down }) {
    const { heard, expected, difference, rows, columns, flip } = this.view
    const { x, y } = this.axes
    const row = flip ? rows - 1 - down : down
    const i = row * columns + across
    const place = `${y.name} ${number(y.edges[row])}, ${x.name} ${number(x.edges[across])}`
    const sign = difference[i] > 0 ? '+' : ''
    const values = `seen ${number(heard[i])}, expected ${number(expected[i])}, ${sign}${number(difference[i])}`
    return `${place} · ${values}`.replaceAll(' -', ' −')
  }
}
