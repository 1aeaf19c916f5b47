import { element } from '../app/dom.js'
import { drawHeatmap } from '../pictures/heatmap.js'
import { axisLabels, axisTitle } from './axis-text.js'

const APART_X = 0.16
const APART_Y = 0.1
/** Frames keep their shape, within these bounds. */
const WIDEST = 2.4
const TALLEST = 0.8

/** A matrix with its axes and a cross where the pointer is. */
export class MatrixPicture {
  /** @param {'heat' | 'difference'} colours @param {string} title */
  constructor(title, colours) {
    this.colours = colours
    this.canvas = element('canvas', { class: 'matrix-canvas' })
    this.cross = [element('i', { class: 'cross-x' }), element('i', { class: 'cross-y' })]
    this.frame = element('div', { class: 'matrix-frame' }, this.canvas, ...this.cross)
    this.x = element('div', { class: 'matrix-x', 'aria-hidden': 'true' })
    this.y = element('div', { class: 'matrix-y', 'aria-hidden': 'true' })
    this.node = element(
      'figure',
      { class: 'matrix' },
      element('figcaption', {}, title),
      element('div', { class: 'matrix-grid' }, this.y, this.frame, this.x),
    )
  }

  /** @param matrix as `drawHeatmap` takes it @param axes of the evidence */
  show(matrix, { x, y }) {
    this.matrix = { ...matrix, colours: this.colours, flip: isFlipped(y) }
    const isFrame = y.unit === 'index' && x.unit === 'index'
    const shape = Math.min(WIDEST, Math.max(TALLEST, matrix.columns / matrix.rows))
    this.frame.style.aspectRatio = isFrame ? String(shape) : ''
    this.frame.classList.toggle('matrix-spectrum', !isFrame)
    label(this.x, axisLabels(x, APART_X), 'left', false)
    label(this.y, axisLabels(y, APART_Y), 'top', isFlipped(y))
    this.x.dataset.title = axisTitle(x)
    this.y.dataset.title = axisTitle(y)
    this.draw()
  }

  draw() {
    if (this.matrix) drawHeatmap(this.canvas, this.matrix)
  }

  /** The cell at a place of the page; undefined outside. */
  cellAt(clientX, clientY) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect()
    const [across, down] = [(clientX - left) / width, (clientY - top) / height]
    if (!this.matrix || across < 0 || across >= 1 || down < 0 || down >= 1) return undefined
    const { rows, columns, flip } = this.matrix
    const row = Math.floor(down * rows)
    return { row: flip ? rows - 1 - row : row, column: Math.floor(across * columns) }
  }

  /** @param cell undefined: none */
  mark(cell) {
    this.node.classList.toggle('matrix-marked', cell !== undefined)
    if (!cell) return
    const { rows, columns, flip } = this.matrix
    const row = flip ? rows - 1 - cell.row : cell.row
    this.cross[0].style.left = `${((cell.column + 0.5) / columns) * 100}%`
    this.cross[1].style.top = `${((row + 0.5) / rows) * 100}%`
  }
}

/** Frequencies grow upwards, rows of frames downwards. */
const isFlipped = ({ name }) => name === 'frequency' || name === 'bin'

function label(node, ticks, side, isFlipped) {
  node.replaceChildren(
    ...ticks.map(({ at, text }) => {
      const tick = element('span', {}, text)
      tick.style[side] = `${(isFlipped ? 1 - at : at) * 100}%`
      return tick
    }),
  )
}
