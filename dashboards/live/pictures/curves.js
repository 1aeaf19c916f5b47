import { element } from '../app/dom.js'
import { number } from '../app/format.js'
import { differenceBound } from './heatmap.js'
import { axisTicks, evenSteps } from './ticks.js'

/** CSS pixels. */
const LEFT = 52
const BELOW = 22
const HEIGHT = 150
const COLOURS = ['ink', 'muted', 'grid', 'score', 'alarm', 'panel']
const UNITS = { s: ' s', Hz: ' Hz', index: '' }

/** The latest window that is one row of values, a wave or a spectrum: what came over what was expected, and the difference below. */
export class Curves {
  ranges = undefined

  constructor() {
    this.both = element('canvas', { class: 'curve-picture' })
    this.off = element('canvas', { class: 'curve-picture' })
    this.node = element(
      'div',
      { class: 'curves', role: 'img' },
      figure(this.both, key('came', 'What came'), key('expected', 'Expected')),
      figure(this.off, key('off', 'Difference')),
    )
    this.bound = 0
    this.observer = new ResizeObserver(() => this.recolour())
  }

  open() {
    this.observer.observe(this.node)
  }

  close() {
    this.observer.disconnect()
    this.view = undefined
  }

  take(view, axes) {
    const difference = view.heard.map((value, i) => value - view.expected[i])
    // Room for the largest, which is given back slowly.
    this.bound = Math.max(differenceBound(difference, 1), 0.98 * this.bound, 0.02 * (view.high - view.low))
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
    const bound = 1.08 * this.bound
    const came = [
      { values: heard, colour: style.score, width: 1.5 },
      { values: expected, colour: style.ink, width: 1.25, dash: [4, 3] },
    ]
    this.plot(this.both, came, low, high, style)
    this.plot(this.off, [{ values: difference, colour: style.alarm, width: 1.5 }], -bound, bound, style)
  }

  plot(canvas, curves, low, high, style) {
    const ratio = devicePixelRatio || 1
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
    for (const value of evenSteps(low, high, 0.2)) {
      line(c, LEFT, y(value), LEFT + width, y(value))
      c.fillText(number(value).replace('-', '−'), LEFT - 6, y(value))
    }
    c.textAlign = 'center'
    c.textBaseline = 'top'
    for (const { value, at } of axisTicks(this.axis.edges, 70 / width)) {
      c.fillText(`${number(value)}${UNITS[this.axis.unit]}`, LEFT + at * width, HEIGHT + 6)
    }
    c.beginPath()
    c.rect(LEFT, 0, width, HEIGHT)
    c.clip()
    for (const curve of curves) drawCurve(c, curve, LEFT, width, y)
  }
}

const figure = (canvas, ...keys) => element('figure', {}, element('figcaption', {}, ...keys), canvas)

const key = (name, text) => element('span', { class: 'curve-key', 'data-curve': name }, element('i'), text)

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
