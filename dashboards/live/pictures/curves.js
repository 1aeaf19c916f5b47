import { element } from '../app/dom.js'
import { number } from '../app/format.js'
import { DifferenceRange } from './difference-range.js'
import { axisTicks } from './ticks.js'

/** CSS pixels. */
const LEFT = 52
const BELOW = 22
const HEIGHT = 150
const COLOURS = ['ink', 'muted', 'grid', 'score', 'alarm', 'panel']
const UNITS = { s: 's', Hz: 'Hz', index: '' }

/** The latest window that is one row of values, a wave or a spectrum: what came over what was expected, and the difference below. */
export class Curves {
  ranges = undefined

  constructor() {
    this.canvases = ['Came and expected', 'Difference'].map(name => ({
      name,
      canvas: element('canvas', { class: 'curve-picture' }),
    }))
    this.node = element(
      'div',
      { class: 'curves' },
      ...this.canvases.map(({ name, canvas }) => element('figure', {}, element('figcaption', {}, name), canvas)),
    )
    this.differences = new DifferenceRange()
    this.observer = new ResizeObserver(() => this.recolour())
  }

  open() {
    this.observer.observe(this.node)
  }

  close() {
    this.observer.disconnect()
    this.view = undefined
    this.differences = new DifferenceRange()
  }

  take(view, axes) {
    const difference = view.heard.map((value, i) => value - view.expected[i])
    this.differences.take(difference, view.anomalous, view.high - view.low)
    this.view = { ...view, difference }
    this.axis = axes.x
    this.draw()
  }

  recolour() {
    if (this.view) this.draw()
  }

  draw() {
    const css = getComputedStyle(this.node)
    const style = Object.fromEntries(COLOURS.map(name => [name, css.getPropertyValue(`--${name}`).trim()]))
    style.font = css.fontFamily
    const { heard, expected, difference, low, high } = this.view
    const { bound } = this.differences
    const [both, off] = this.canvases
    const came = [
      { values: heard, colour: style.score, width: 1.5 },
      { values: expected, colour: style.ink, width: 1.25, dash: [4, 3] },
    ]
    this.plot(both.canvas, came, low, high, style)
    this.plot(off.canvas, [{ values: difference, colour: style.alarm, width: 1.5 }], -bound, bound, style)
  }

  plot(canvas, curves, low, high, style) {
    const ratio = devicePixelRatio || 1
    canvas.style.height = `${HEIGHT + BELOW}px`
    canvas.width = Math.round(canvas.clientWidth * ratio)
    canvas.height = Math.round((HEIGHT + BELOW) * ratio)
    const c = canvas.getContext('2d')
    c.scale(ratio, ratio)
    const width = canvas.clientWidth - LEFT
    const y = value => 6 + (1 - (value - low) / (high - low)) * (HEIGHT - 12)
    c.font = `11px ${style.font}`
    c.lineWidth = 1
    c.strokeStyle = style.grid
    c.fillStyle = style.muted
    c.textAlign = 'right'
    c.textBaseline = 'middle'
    for (const value of low < 0 && high > 0 ? [low, 0, high] : [low, (low + high) / 2, high]) {
      line(c, LEFT, y(value), LEFT + width, y(value))
      c.fillText(number(value), LEFT - 6, y(value))
    }
    c.textAlign = 'center'
    c.textBaseline = 'top'
    for (const { value, at } of axisTicks(this.axis.edges, 70 / width)) {
      c.fillText(`${number(value)} ${UNITS[this.axis.unit]}`.trim(), LEFT + at * width, HEIGHT + 6)
    }
    c.beginPath()
    c.rect(LEFT, 0, width, HEIGHT)
    c.clip()
    for (const curve of curves) drawCurve(c, curve, LEFT, width, y)
  }
}

function drawCurve(c, { values, colour, width: lineWidth, dash = [] }, left, width, y) {
  c.beginPath()
  for (let i = 0; i < values.length; i++) c.lineTo(left + ((i + 0.5) / values.length) * width, y(values[i]))
  c.setLineDash(dash)
  c.lineWidth = lineWidth
  c.lineJoin = 'round'
  c.strokeStyle = colour
  c.stroke()
}

function line(c, x1, y1, x2, y2) {
  c.beginPath()
  c.moveTo(x1, Math.round(y1) + 0.5)
  c.lineTo(x2, Math.round(y2) + 0.5)
  c.stroke()
}
