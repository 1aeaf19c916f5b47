import { number, time } from './format.js'
import { approach, logTicks, timeTicks } from './scale.js'

const MARGIN = { top: 14, right: 14, bottom: 24, left: 50 }
/** Scores below this cannot be told from it on a logarithmic axis. */
const FLOOR = 1e-12

const COLOURS = ['ink', 'muted', 'grid', 'score', 'alarm', 'alarm-soft', 'panel']

/** Draws the scores of one source against its threshold, the time to the right, the score on a logarithmic axis upwards. */
export class Chart {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext('2d')
    this.readColours()
    new ResizeObserver(() => this.resize()).observe(canvas)
    this.resize()
  }

  readColours() {
    const style = getComputedStyle(this.canvas)
    this.colours = Object.fromEntries(COLOURS.map(name => [name, style.getPropertyValue(`--${name}`).trim()]))
    this.font = `12px ${style.fontFamily}`
  }

  resize() {
    const { width, height } = this.canvas.getBoundingClientRect()
    const ratio = window.devicePixelRatio || 1
    this.width = width
    this.height = height
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
  }

  /** The time under a horizontal place on the canvas. */
  timeAt(x) {
    const { left, right } = MARGIN
    return this.from + ((x - left) / (this.width - left - right)) * (this.to - this.from)
  }

  /**
   * @param series the scores
   * @param episodes those of this source
   * @param view `{ from, to, cursor }` in ms since the epoch; `elapsed` seconds since the last call, 0 for no animation
   * @returns whether the axis is still on its way to where it should be
   */
  draw(series, episodes, { from, to, cursor, elapsed }) {
    if (this.width < 80) return false
    this.from = from
    this.to = to
    const { context: c, width, height } = this
    const right = width - MARGIN.right
    const bottom = height - MARGIN.bottom
    const threshold = series.last?.threshold
    const first = Math.max(0, series.indexAt(from) - 1)
    const gliding = this.fitAxis(series, first, threshold, elapsed)
    const x = t => MARGIN.left + ((t - from) / (to - from)) * (right - MARGIN.left)
    const y = s => bottom - ((Math.log(Math.max(s, FLOOR)) - this.low) / (this.high - this.low)) * (bottom - MARGIN.top)

    c.clearRect(0, 0, width, height)
    c.font = this.font
    this.drawAxes(x, y, right, bottom, threshold === undefined ? undefined : y(threshold))
    c.save()
    c.beginPath()
    c.rect(MARGIN.left, 0, right - MARGIN.left, bottom)
    c.clip()
    this.drawEpisodes(episodes, x, bottom)
    this.drawScores(series, first, x, y, threshold)
    c.restore()
    if (threshold !== undefined) this.drawThreshold(y(threshold), threshold, right)
    if (cursor !== undefined) this.drawCursor(series, cursor, x, y, bottom)
    return gliding
  }

  /** Makes room for what is visible, gliding where movement is wanted. */
  fitAxis(series, first, threshold, elapsed) {
    let low = threshold ?? 1
    let high = threshold ?? 1
    for (let i = first; i < series.length; i++) {
      const score = series.score(i)
      if (score < low) low = score
      if (score > high) high = score
    }
    const [least, most] = [Math.log(Math.max(low, FLOOR)), Math.log(Math.max(high, FLOOR))]
    const room = 0.2 + 0.08 * (most - least)
    const bottom = least - room
    const top = Math.max(most + room, bottom + 1.2)
    const lag = this.low === undefined || elapsed === 0 ? 0 : 0.15
    this.low = approach(this.low ?? bottom, bottom, elapsed, lag)
    this.high = approach(this.high ?? top, top, elapsed, lag)
    return Math.abs(this.low - bottom) + Math.abs(this.high - top) > 0.002
  }

  /** @param taken height that a label at the axis must leave free */
  drawAxes(x, y, right, bottom, taken) {
    const { context: c, colours } = this
    c.lineWidth = 1
    c.strokeStyle = colours.grid
    c.fillStyle = colours.muted
    c.textBaseline = 'middle'
    c.textAlign = 'right'
    let above = Number.POSITIVE_INFINITY
    for (const tick of logTicks(Math.exp(this.low), Math.exp(this.high))) {
      const at = Math.round(y(tick)) + 0.5
      if (above - at < 17) continue
      above = at
      line(c, MARGIN.left, at, right, at)
      if (taken === undefined || Math.abs(at - taken) > 13) c.fillText(number(tick), MARGIN.left - 8, at)
    }
    c.textBaseline = 'top'
    c.textAlign = 'center'
    for (const tick of timeTicks(this.from, this.to, (right - MARGIN.left) / 66)) {
      const at = Math.round(x(tick)) + 0.5
      line(c, at, bottom, at, bottom + 4)
      if (at > MARGIN.left + 24 && at < right - 20) c.fillText(time(tick), at, bottom + 8)
    }
    line(c, MARGIN.left, bottom + 0.5, right, bottom + 0.5)
  }

  drawEpisodes(episodes, x, bottom) {
    const { context: c, colours } = this
    for (const episode of episodes) {
      const end = episode.closed_at ?? this.to
      if (end < this.from || episode.opened_at > this.to) continue
      const left = x(episode.opened_at)
      const width = Math.max(2, x(Math.min(end, this.to)) - left)
      c.fillStyle = colours['alarm-soft']
      c.fillRect(left, 0, width, bottom)
      c.fillStyle = colours.alarm
      c.fillRect(left, 0, width, 3)
    }
  }

  /** The line, in the colour of alarm where it lies above the threshold. */
  drawScores(series, first, x, y, threshold) {
    const { context: c, colours } = this
    const path = this.scorePath(series, first, x, y)
    const limit = threshold === undefined ? 0 : y(threshold)
    c.lineWidth = 1.75
    c.lineJoin = 'round'
    for (const [colour, top, height] of [
      [colours.score, limit, this.height - limit],
      [colours.alarm, 0, limit],
    ]) {
      c.save()
      c.beginPath()
      c.rect(0, top, this.width, height)
      c.clip()
      c.strokeStyle = colour
      c.stroke(path)
      c.restore()
    }
  }

  /** Broken where windows are missing; where several share a pixel, from the least to the greatest of them. */
  scorePath(series, first, x, y) {
    const path = new Path2D()
    const gap = Math.max(2000, (this.to - this.from) / 40)
    let before = Number.NEGATIVE_INFINITY
    for (let i = first; i < series.length; ) {
      const end = series.end(i)
      const column = Math.floor(x(end))
      let low = Number.POSITIVE_INFINITY
      let high = 0
      const firstScore = series.score(i)
      for (; i < series.length && Math.floor(x(series.end(i))) === column; i++) {
        low = Math.min(low, series.score(i))
        high = Math.max(high, series.score(i))
      }
      if (end - before > gap) path.moveTo(x(end), y(firstScore))
      else path.lineTo(x(end), y(firstScore))
      if (high > low) {
        path.lineTo(x(end), y(low))
        path.lineTo(x(end), y(high))
        path.lineTo(x(end), y(series.score(i - 1)))
      }
      before = series.end(i - 1)
    }
    return path
  }

  drawThreshold(at, threshold, right) {
    const { context: c, colours } = this
    c.save()
    c.strokeStyle = colours.alarm
    c.lineWidth = 1.25
    c.setLineDash([6, 4])
    line(c, MARGIN.left, at, right, at)
    c.restore()
    c.fillStyle = colours.alarm
    c.textAlign = 'right'
    c.textBaseline = 'middle'
    c.fillText(number(threshold), MARGIN.left - 8, at)
    if (this.width < 500) return
    c.textAlign = 'left'
    c.textBaseline = 'bottom'
    c.lineWidth = 4
    c.strokeStyle = colours.panel
    c.strokeText('threshold', MARGIN.left + 6, at - 4)
    c.fillText('threshold', MARGIN.left + 6, at - 4)
  }

  drawCursor(series, cursor, x, y, bottom) {
    const i = series.nearest(cursor)
    if (i < 0) return
    const { context: c, colours } = this
    const at = x(series.end(i))
    if (at < MARGIN.left) return
    c.strokeStyle = colours.ink
    c.lineWidth = 1
    line(c, Math.round(at) + 0.5, MARGIN.top, Math.round(at) + 0.5, bottom)
    c.beginPath()
    c.arc(at, y(series.score(i)), 4, 0, 2 * Math.PI)
    c.fillStyle = colours.panel
    c.fill()
    c.lineWidth = 2
    c.stroke()
  }
}

function line(c, x1, y1, x2, y2) {
  c.beginPath()
  c.moveTo(x1, y1)
  c.lineTo(x2, y2)
  c.stroke()
}
