import { element, setText } from '../app/dom.js'
import { number } from '../app/format.js'
import { ColourBar } from '../pictures/colour-bar.js'
import { differenceBound } from '../pictures/heatmap.js'
import { cellText } from './axis-text.js'
import { MatrixPicture } from './matrix-picture.js'

const HINT = 'Point at a picture, or use the arrow keys in it, to read values.'

/** What came, what was expected and the difference, side by side: one scale for the first two. */
export class MatricesView {
  constructor() {
    this.pictures = [
      new MatrixPicture('What came', 'heat'),
      new MatrixPicture('What was expected', 'heat'),
      new MatrixPicture('Difference', 'difference'),
    ]
    this.bars = [new ColourBar('heat'), new ColourBar('difference')]
    this.reading = element('output', { class: 'matrices-reading' }, HINT)
    this.row = element('div', { class: 'matrices-row' }, ...this.pictures.map(each => each.node))
    this.node = element(
      'div',
      { class: 'matrices' },
      this.row,
      element(
        'div',
        { class: 'matrices-legend' },
        element('span', {}, 'came, expected', this.bars[0].node),
        element('span', {}, 'difference', this.bars[1].node),
      ),
      this.reading,
    )
    for (const picture of this.pictures) this.listen(picture)
  }

  listen(picture) {
    const { frame } = picture
    frame.tabIndex = 0
    frame.setAttribute('role', 'img')
    for (const type of ['pointermove', 'pointerdown']) {
      frame.addEventListener(type, event => this.mark(picture.cellAt(event.clientX, event.clientY)))
    }
    for (const type of ['pointerleave', 'blur']) frame.addEventListener(type, () => this.mark(undefined))
    frame.addEventListener('keydown', event => this.step(event))
  }

  /** @param {object} evidence as the daemon answers it */
  show({ features, reconstruction, residual, axes, unit }) {
    const [rows, columns] = [features.length, features[0].length]
    const [came, expected, difference] = [features, reconstruction, residual].map(flat)
    this.values = { came, expected, difference, rows, columns, axes, unit }
    const [low, high] = rangeOf(came, expected)
    const bound = differenceBound(difference)
    const shape = { rows, columns }
    this.pictures[0].show({ ...shape, values: came, low, high }, axes)
    this.pictures[1].show({ ...shape, values: expected, low, high }, axes)
    this.pictures[2].show({ ...shape, values: difference, low: -bound, high: bound }, axes)
    this.bars[0].show({ low, high, unit })
    this.bars[1].show({ low: -bound, high: bound, unit })
    for (const { frame, node } of this.pictures) {
      const title = node.querySelector('figcaption').textContent
      frame.setAttribute('aria-label', `${title}: ${rows} × ${columns} values. Arrow keys read them.`)
    }
    this.mark(undefined)
  }

  /** Draws all once more, as after a change of theme. */
  draw() {
    if (!this.values) return
    for (const each of [...this.pictures, ...this.bars]) each.draw()
  }

  mark(cell) {
    this.cell = cell
    for (const picture of this.pictures) picture.mark(cell)
    setText(this.reading, cell ? this.text(cell) : HINT)
  }

  text({ row, column }) {
    const { came, expected, difference, columns, axes, unit } = this.values
    const i = row * columns + column
    const sign = difference[i] > 0 ? '+' : ''
    const value = x => `${number(x).replace('-', '−')} ${unit}`.trim()
    const place = `${cellText(axes.y, row)}, ${cellText(axes.x, column)}`
    return `${place}: ${value(came[i])} came, ${value(expected[i])} expected, ${sign}${value(difference[i])}`
  }

  step(event) {
    const to = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }[event.key]
    if (event.key === 'Escape') this.mark(undefined)
    if (!to || !this.values) return
    event.preventDefault()
    const { rows, columns } = this.values
    const up = this.pictures[0].matrix.flip ? 1 : -1
    const { row, column } = this.cell ?? { row: rows >> 1, column: columns >> 1 }
    const clamp = (x, size) => Math.min(size - 1, Math.max(0, x))
    this.mark({ row: clamp(row + up * to[0], rows), column: clamp(column + to[1], columns) })
  }
}

const flat = matrix => Float64Array.from(matrix.flat())

/** From what is larger than hardly anything to what is smaller than hardly anything of both. */
function rangeOf(...arrays) {
  const all = Float64Array.from(arrays.flatMap(each => [...each]))
    .filter(Number.isFinite)
    .sort()
  const at = share => all[Math.round(share * (all.length - 1))]
  return all.length > 0 ? [at(0.005), at(0.995)] : [0, 1]
}
