import { element } from '../app/dom.js'
import { time } from '../app/format.js'
import { timeTicks } from '../charts/scale.js'
import { colourTable, isOnDark, STEPS } from './colours.js'
import { axisTicks, hertz, placeOf } from './ticks.js'

/** CSS pixels: labels of frequencies to the left, marks of anomalous stretches above, times below. */
const LEFT = 46
const MARKS = 6
const BELOW = 22

/** One spectrogram that moves to the left: its columns are painted once and moved by copying. */
export class Strip {
  /**
   * @param {string} name of what it shows, for people
   * @param {'heat' | 'difference'} colours
   * @param value `(columns, index into its matrices) => number`
   * @param {boolean} hasTimes whether the times are written below
   */
  constructor(name, colours, value, hasTimes) {
    this.colours = colours
    this.valueAt = value
    this.hasTimes = hasTimes
    this.canvas = element('canvas', { class: 'strip-picture' })
    this.context = this.canvas.getContext('2d')
    this.node = element(
      'figure',
      { class: 'strip' },
      element('figcaption', {}, element('span', { class: 'strip-unit' }, 'Hz'), element('span', {}, name)),
      this.canvas,
    )
    this.painted = document.createElement('canvas')
  }

  /** @param columns those it shows @param edges hertz of their rows */
  bind(columns, edges) {
    this.columns = columns
    this.edges = edges
    this.painted.width = columns.capacity
    this.painted.height = columns.rows
    this.paintedContext = this.painted.getContext('2d')
  }

  /**
   * Gives the canvas the size that it has on the page, in pixels of the screen.
   * @param height of the spectrogram, CSS pixels
   * @returns pixels of the screen that are left for columns
   */
  resize(height) {
    const ratio = devicePixelRatio || 1
    const { rows } = this.columns
    const wanted = height * ratio
    this.ratio = ratio
    this.height = rows <= wanted ? rows * Math.round(wanted / rows) : Math.round(wanted)
    this.top = Math.round(MARKS * ratio)
    this.left = Math.round(LEFT * ratio)
    const total = this.top + this.height + (this.hasTimes ? Math.round(BELOW * ratio) : 2)
    this.canvas.style.height = `${total / ratio}px`
    this.canvas.width = Math.round(this.canvas.clientWidth * ratio)
    this.canvas.height = total
    this.width = Math.max(1, this.canvas.width - this.left)
    return this.width
  }

  /** Paints columns `[from, to)` with the colours of `low` to `high`; those that are not there become blank. */
  paint(from, to, low, high) {
    const { capacity } = this.columns
    for (let at = from; at < to; ) {
      const slot = this.columns.slot(at)
      const count = Math.min(to - at, capacity - slot)
      this.paintedContext.putImageData(this.image(at, count, low, high), slot, 0)
      at += count
    }
  }

  image(from, count, low, high) {
    const { columns } = this
    const { rows } = columns
    const image = new ImageData(count, rows)
    const pixels = new Uint32Array(image.data.buffer)
    const table = colourTable(this.colours, isOnDark(this.canvas))
    const scale = (STEPS - 1) / (high - low)
    for (let column = 0; column < count; column++) {
      if (!columns.has(from + column)) continue
      const at = columns.slot(from + column) * rows
      for (let row = 0; row < rows; row++) {
        const step = (this.valueAt(columns, at + row) - low) * scale
        pixels[(rows - 1 - row) * count + column] = table[Math.min(STEPS - 1, Math.max(0, Math.round(step)))]
      }
    }
    return image
  }

  /** @param view `{ right, scale, from, to, cursor }`: column at the right edge, pixels a column, times of both edges (ms), pointer */
  draw(view, style) {
    const { context: c } = this
    c.clearRect(0, 0, this.canvas.width, this.canvas.height)
    c.fillStyle = style.grid
    c.fillRect(this.left, this.top, this.width, this.height)
    c.save()
    c.beginPath()
    c.rect(this.left, 0, this.width, this.canvas.height)
    c.clip()
    this.drawColumns(view)
    this.drawMarks(view, style)
    c.restore()
    this.drawFrequencies(style)
    if (this.hasTimes) this.drawTimes(view, style)
    if (view.cursor) this.drawCursor(view, style)
  }

  drawColumns({ right, scale }) {
    const { context: c, columns, painted } = this
    const first = Math.max(right - Math.ceil(this.width / scale), right - columns.capacity + 1)
    c.imageSmoothingEnabled = columns.rows > this.height
    for (let at = first; at < right; ) {
      const slot = columns.slot(at)
      const count = Math.min(right - at, columns.capacity - slot)
      const x = this.left + this.width - (right - at) * scale
      c.drawImage(painted, slot, 0, count, columns.rows, x, this.top, count * scale, this.height)
      at += count
    }
  }

  /** Bars above what is anomalous. */
  drawMarks({ right, scale }, style) {
    const { context: c, columns } = this
    const first = right - Math.ceil(this.width / scale)
    c.fillStyle = style.alarm
    for (let at = first; at < right; at++) {
      let end = at
      while (end < right && columns.isAnomalous(end)) end++
      if (end === at) continue
      c.fillRect(this.left + this.width - (right - at) * scale, 0, (end - at) * scale, Math.round(this.top * 0.67))
      at = end
    }
  }

  drawFrequencies(style) {
    const { context: c, ratio } = this
    c.font = `${11 * ratio}px ${style.font}`
    c.fillStyle = style.muted
    c.strokeStyle = style.muted
    c.lineWidth = ratio
    c.textAlign = 'right'
    c.textBaseline = 'middle'
    for (const { value, at } of axisTicks(this.edges, (17 * ratio) / this.height)) {
      const y = Math.round(this.top + (1 - at) * this.height)
      c.fillText(hertz(value), this.left - 7 * ratio, y)
      line(c, this.left - 4 * ratio, y + 0.5, this.left, y + 0.5)
    }
  }

  drawTimes({ from, to }, style) {
    const { context: c, ratio } = this
    const y = this.top + this.height
    c.font = `${11 * ratio}px ${style.font}`
    c.textBaseline = 'top'
    c.textAlign = 'center'
    for (const tick of timeTicks(from, to, this.width / ratio / 78)) {
      const x = Math.round(this.left + ((tick - from) / (to - from)) * this.width)
      line(c, x + 0.5, y, x + 0.5, y + 4 * ratio)
      if (x > this.left + 20 * ratio && x < this.canvas.width - 26 * ratio) c.fillText(time(tick), x, y + 7 * ratio)
    }
  }

  drawCursor({ from, to, cursor }, style) {
    const { context: c, ratio } = this
    const x = Math.round(this.left + ((cursor.time - from) / (to - from)) * this.width) + 0.5
    const y = Math.round(this.top + (1 - placeOf(cursor.hertz, this.edges)) * this.height) + 0.5
    if (x < this.left) return
    for (const [width, colour] of [
      [3 * ratio, style.panel],
      [ratio, style.ink],
    ]) {
      c.lineWidth = width
      c.strokeStyle = colour
      line(c, x, this.top, x, this.top + this.height)
      line(c, x - 6 * ratio, y, x + 6 * ratio, y)
    }
  }

  /** What lies under a place on the canvas, CSS pixels: parts of the width and of the height, from the left and from below. */
  placeAt(x, y) {
    const { ratio } = this
    return {
      along: Math.min(1, Math.max(0, (x * ratio - this.left) / this.width)),
      up: Math.min(0.9999, Math.max(0, 1 - (y * ratio - this.top) / this.height)),
    }
  }
}

function line(c, x1, y1, x2, y2) {
  c.beginPath()
  c.moveTo(x1, y1)
  c.lineTo(x2, y2)
  c.stroke()
}
