import { element, setText } from '../app/dom.js'
import { number, time } from '../app/format.js'
import { approach } from '../charts/scale.js'
import { Columns } from './columns.js'
import { DifferenceRange } from './difference-range.js'
import { Strip } from './strip.js'
import { hertz } from './ticks.js'

/** Pixels of the screen to the right at most, and seconds to show if each column gets whole pixels. */
const MOST_COLUMNS = 2560
const SECONDS = 30
const HEIGHT = 128
const PHONE_HEIGHT = 96
/** A step backwards in time beyond a window and this is a feed that starts again. */
const RESTART_MS = 1000
const COLOURS = ['ink', 'muted', 'grid', 'alarm', 'panel']

const calm = matchMedia('(prefers-reduced-motion: reduce)')

/** What was heard, what was expected, and the difference, one below the other over the same time. */
export class Waterfall {
  constructor() {
    this.strips = [
      new Strip('Heard', 'heat', ({ heard }, i) => heard[i], false),
      new Strip('Expected', 'heat', ({ expected }, i) => expected[i], false),
      new Strip('Difference', 'difference', ({ heard, expected }, i) => heard[i] - expected[i], true),
    ]
    this.differences = new DifferenceRange()
    this.reading = element('p', { class: 'pictures-reading', 'aria-live': 'off' })
    this.node = element(
      'div',
      { class: 'waterfall', tabindex: '0', role: 'group', 'aria-roledescription': 'spectrogram' },
      ...this.strips.map(({ node }) => node),
    )
    this.observer = new ResizeObserver(() => this.fit())
    this.frame = undefined
    this.listen()
  }

  /** The ranges of both colour bars; undefined before the first picture. */
  get ranges() {
    if (!this.low && !this.high) return undefined
    const { bound } = this.differences
    return { heat: { low: this.low, high: this.high }, difference: { low: -bound, high: bound } }
  }

  open() {
    this.observer.observe(this.node)
  }

  close() {
    this.observer.disconnect()
    cancelAnimationFrame(this.frame)
    this.frame = undefined
    this.columns = undefined
    this.setCursor(undefined)
  }

  /** @param view as `decode` gives it @param axes of its matrices */
  take(view, axes) {
    const { step, start } = timing(axes.x.edges)
    if (!this.columns || this.columns.rows !== view.rows || this.step !== step) this.begin(view, axes, step)
    const { columns } = this
    const first = Math.round((view.time / 1000 + start) / step)
    const isRestart = first + view.columns - 1 < columns.newest - view.columns - RESTART_MS / 1000 / step
    if (isRestart) {
      columns.clear()
      this.right = undefined
    }
    const changed = columns.put(first, view)
    const isOther = this.range(view)
    const range = isOther ? { from: columns.newest + 1 - columns.capacity, to: columns.newest + 1 } : changed
    this.paint(range.from, range.to)
    this.unit = view.unit
    this.head = columns.newest + 1
    this.right ??= this.head
    this.move()
  }

  begin(view, axes, step) {
    this.step = step
    this.columns = new Columns(view.rows, MOST_COLUMNS)
    this.differences = new DifferenceRange()
    this.right = undefined
    for (const strip of this.strips) strip.bind(this.columns, axes.y.edges)
    this.fit()
  }

  /** @returns whether all must be painted in other colours */
  range({ low, high, heard, expected, anomalous }) {
    const isOther = low !== this.low || high !== this.high
    this.low = low
    this.high = high
    const differences = heard.map((value, i) => value - expected[i])
    return this.differences.take(differences, anomalous, high - low) || isOther
  }

  paint(from, to) {
    const { bound } = this.differences
    const [heard, expected, difference] = this.strips
    heard.paint(from, to, this.low, this.high)
    expected.paint(from, to, this.low, this.high)
    difference.paint(from, to, -bound, bound)
  }

  /** Draws all anew, as after a change of theme. */
  recolour() {
    if (this.right === undefined) return
    this.paint(this.columns.newest + 1 - this.columns.capacity, this.columns.newest + 1)
    this.fit()
  }

  /** Makes the pictures as large as they are on the page; a column gets whole pixels, so that it does not flicker as it moves. */
  fit() {
    if (!this.columns || this.node.clientWidth === 0) return
    const height = this.node.clientWidth < 480 ? PHONE_HEIGHT : HEIGHT
    const width = Math.min(...this.strips.map(strip => strip.resize(height)))
    const least = Math.ceil(width / MOST_COLUMNS)
    this.scale = Math.max(1, least, Math.round((width * this.step) / SECONDS))
    this.width = width
    const css = getComputedStyle(this.node)
    this.style = Object.fromEntries(COLOURS.map(name => [name, css.getPropertyValue(`--${name}`).trim()]))
    this.style.font = css.fontFamily
    this.draw()
  }

  /** Moves smoothly to where the newest column is at the right edge. */
  move() {
    if (this.frame !== undefined) return
    let before = performance.now()
    const step = now => {
      const far = Math.abs(this.head - this.right) > this.width / this.scale / 2
      this.right = approach(this.right, this.head, Math.min(0.1, (now - before) / 1000), calm.matches || far ? 0 : 0.2)
      if (Math.abs(this.head - this.right) < 0.5 / this.scale) this.right = this.head
      before = now
      this.draw()
      this.frame = this.right === this.head ? undefined : requestAnimationFrame(step)
    }
    this.frame = requestAnimationFrame(step)
  }

  draw() {
    if (this.right === undefined || !this.style) return
    // To whole pixels.
    const right = Math.round(this.right * this.scale) / this.scale
    const to = right * this.step * 1000
    const from = to - (this.width / this.scale) * this.step * 1000
    this.shown = { from, to }
    const view = { right, scale: this.scale, from, to, cursor: this.cursor }
    for (const strip of this.strips) strip.draw(view, this.style)
    this.read()
  }

  listen() {
    for (const strip of this.strips) {
      const point = event => this.setCursor(this.pointAt(strip, event.offsetX, event.offsetY))
      strip.canvas.addEventListener('pointermove', point)
      strip.canvas.addEventListener('pointerdown', point)
      strip.canvas.addEventListener('pointerleave', () => this.setCursor(undefined))
    }
    this.node.addEventListener('blur', () => this.setCursor(undefined))
    this.node.addEventListener('keydown', event => {
      const [right, up] =
        { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? []
      if (event.key === 'Escape') this.setCursor(undefined)
      else if (right !== undefined && this.shown) this.stepCursor(right, up)
      else return
      event.preventDefault()
    })
  }

  pointAt(strip, x, y) {
    if (!this.shown) return undefined
    const { along, up } = strip.placeAt(x, y)
    const { from, to } = this.shown
    return this.cursorAt(from + along * (to - from), Math.floor(up * this.columns.rows))
  }

  cursorAt(at, row) {
    const { edges } = this.strips[0]
    return { time: at, row, hertz: (edges[row] + edges[row + 1]) / 2 }
  }

  /** Moves the place that is read by columns and rows. */
  stepCursor(right, up) {
    const { cursor, columns } = this
    const { from, to } = this.shown
    const at = (cursor?.time ?? to) + right * this.step * 1000
    const row = (cursor?.row ?? columns.rows >> 1) + up
    this.setCursor(this.cursorAt(Math.min(to - 1, Math.max(from, at)), Math.min(columns.rows - 1, Math.max(0, row))))
  }

  setCursor(cursor) {
    if (!cursor && !this.cursor) return
    this.cursor = cursor
    if (this.frame === undefined) this.draw()
    this.read()
  }

  /** Writes what lies under the pointer. */
  read() {
    setText(this.reading, this.cursor && this.columns ? this.textAt(this.cursor) : '')
  }

  textAt({ time: at, row, hertz: frequency }) {
    const { columns } = this
    const id = Math.floor(at / 1000 / this.step)
    const place = `${time(at)} · ${hertz(frequency)}Hz`
    if (!columns.has(id)) return `${place} · nothing came`
    const heard = columns.value(columns.heard, id, row)
    const expected = columns.value(columns.expected, id, row)
    const difference = heard - expected
    const sign = difference > 0 ? '+' : ''
    return minus(
      `${place} · heard ${number(heard)}, expected ${number(expected)}, ${sign}${number(difference)} ${this.unit}`,
    )
  }
}

/** Seconds of a column, and where the first begins. The outer edges are cut off where the window ends. */
function timing(edges) {
  const count = edges.length - 1
  const step = count > 2 ? (edges[count - 1] - edges[1]) / (count - 2) : (edges[count] - edges[0]) / count
  return { step, start: count > 2 ? edges[1] - step : edges[0] }
}

const minus = text => text.replaceAll(' -', ' −')
