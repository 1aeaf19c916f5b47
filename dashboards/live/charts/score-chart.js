import { number, time } from '../app/format.js'
import uPlot from '../vendor/uPlot.esm.js'
import { approach, logTicks, timeTicks } from './scale.js'
import { FLOOR, placing, scorePath, stretches, thresholdPath, timing } from './score-paths.js'

const COLOURS = ['ink', 'muted', 'grid', 'score', 'alarm', 'alarm-soft', 'warn', 'panel', 'line']
/** Seconds in which the axis follows what is shown. */
const GLIDE_SECONDS = 0.15
const LABEL_PIXELS = 17

/** Draws scores against their threshold, time to the right, score upwards on a logarithmic axis. uPlot with paths of our own. */
export class ScoreChart {
  /** @param holder element whose size the chart takes */
  constructor(holder) {
    this.holder = holder
    this.series = undefined
    this.episodes = []
    this.preview = undefined
    this.readColours()
    this.plot = new uPlot(this.options(), [[], [], [], []], holder)
    this.resizing = new ResizeObserver(() => this.resize())
    this.resizing.observe(holder)
    this.dirty = true
  }

  destroy() {
    this.resizing.disconnect()
    this.plot.destroy()
  }

  readColours() {
    const style = getComputedStyle(this.holder)
    this.colours = Object.fromEntries(COLOURS.map(name => [name, style.getPropertyValue(`--${name}`).trim()]))
    this.font = `12px ${style.fontFamily}`
    this.dirty = true
  }

  options() {
    const axis = { stroke: () => this.colours.muted, font: this.font }
    const line = { scale: 'y', auto: false, points: { show: false } }
    return {
      width: Math.max(120, this.holder.clientWidth),
      height: Math.max(80, this.holder.clientHeight),
      ms: 1,
      pxAlign: 0,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false, setScale: false }, y: false, points: { show: false } },
      scales: {
        x: { time: true, auto: false, range: (_, min, max) => [min ?? 0, max ?? 1] },
        y: { distr: 3, auto: false, range: () => [this.low ?? 0.5, this.high ?? 2] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          gap: 4,
          grid: { show: false },
          ticks: { stroke: () => this.colours.line, width: 1, size: 4 },
          splits: (u, _, min, max) => timeTicks(min, max, u.bbox.width / devicePixelRatio / 72),
          values: (_, splits) => splits.map(time),
        },
        {
          ...axis,
          scale: 'y',
          size: 52,
          gap: 6,
          grid: { stroke: () => this.colours.grid, width: 1 },
          ticks: { show: false },
          splits: (u, _, min, max) => spread(logTicks(min, max), u),
          filter: (_, splits) => splits,
          values: (u, splits) => splits.map(tick => (this.isTaken(u, tick) ? '' : number(tick))),
        },
      ],
      series: [
        {},
        { ...line, stroke: () => this.colours.score, width: 1.75, paths: (u, _, i0, i1) => this.paths(u, i0, i1) },
        { ...line, stroke: () => this.colours.alarm, width: 2, paths: (u, _, i0, i1) => this.paths(u, i0, i1, true) },
        {
          ...line,
          stroke: () => this.colours.alarm,
          width: 1.25,
          dash: [6, 4],
          paths: (u, _, i0, i1) => ({ stroke: thresholdPath(u, i0, i1, u.data[3]) }),
        },
      ],
      hooks: { drawClear: [u => this.shade(u)], draw: [u => this.label(u)] },
    }
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.holder
    if (width < 60 || height < 60) return
    this.plot.setSize({ width, height })
    this.dirty = true
  }

  /**
   * @param series a Series
   * @param view `{ from, to, elapsed }`, ms of feed time; `elapsed` seconds since the last call, 0 for no animation
   * @returns whether the axis is still on its way
   */
  draw(series, { from, to, elapsed }) {
    const first = Math.max(0, series.indexAt(from) - 1)
    const isGliding = this.fitAxis(series, first, series.indexAt(to), elapsed)
    const [begin, stop] = [series.begin, series.stop]
    this.series = series
    this.flags = series.flags.subarray(begin, stop)
    const scores = series.scores.subarray(begin, stop)
    this.plot.batch(() => {
      this.plot.setData(
        [series.ends.subarray(begin, stop), scores, scores, series.thresholds.subarray(begin, stop)],
        false,
      )
      this.plot.setScale('y', { min: this.low, max: this.high })
      this.plot.setScale('x', { min: from, max: to })
    })
    this.dirty = false
    return isGliding
  }

  /** Makes room for what is visible, gliding where movement is wanted. */
  fitAxis(series, first, last, elapsed) {
    const threshold = this.preview ?? series.threshold(series.length - 1) ?? 1
    let low = threshold
    let high = threshold
    for (let i = first; i < Math.min(series.length, last + 1); i++) {
      const score = series.score(i)
      if (score < low) low = score
      if (score > high) high = score
      if (series.threshold(i) > high) high = series.threshold(i)
    }
    const [least, most] = [Math.log(Math.max(low, FLOOR)), Math.log(Math.max(high, FLOOR))]
    const room = 0.2 + 0.08 * (most - least)
    const bottom = least - room
    const top = Math.max(most + room, bottom + 1.2)
    const lag = this.low === undefined || elapsed === 0 ? 0 : GLIDE_SECONDS
    this.low = Math.exp(approach(Math.log(this.low ?? 1), bottom, elapsed, lag))
    this.high = Math.exp(approach(Math.log(this.high ?? 1), top, elapsed, lag))
    return Math.abs(Math.log(this.low) - bottom) + Math.abs(Math.log(this.high) - top) > 0.002
  }

  paths(u, i0, i1, isAlarm = false) {
    const { min, max } = u.scales.x
    return {
      stroke: scorePath(u, i0, i1, { flags: isAlarm ? this.flags : undefined, gap: Math.max(2000, (max - min) / 40) }),
    }
  }

  /** Episodes and, more faintly, the windows above the threshold, behind everything. */
  shade(u) {
    if (!this.series || this.series.length === 0) return
    const { ctx, bbox, data } = u
    const x = timing(u)
    const { min, max } = u.scales.x
    const right = bbox.left + bbox.width
    const clip = (from, to) => [Math.max(bbox.left, from), Math.min(right, Math.max(to, from + 2))]
    ctx.save()
    ctx.fillStyle = this.colours['alarm-soft']
    const [ends] = data
    const i0 = Math.max(0, this.series.indexAt(min) - 1)
    const i1 = Math.min(ends.length - 1, this.series.indexAt(max))
    for (const [first, last] of stretches(this.flags, i0, i1)) {
      if (this.episodes.some(each => each.opened_at <= ends[last] && (each.closed_at ?? max) >= ends[first])) continue
      const [from, to] = clip(x(ends[first]) - 2, x(ends[last]) + 2)
      if (to > from) ctx.fillRect(from, bbox.top, to - from, bbox.height)
    }
    for (const { opened_at, closed_at = max, muted } of this.episodes) {
      if (closed_at < min || opened_at > max) continue
      const [from, to] = clip(x(opened_at), x(Math.min(closed_at, max)))
      ctx.fillStyle = this.colours['alarm-soft']
      ctx.fillRect(from, bbox.top, to - from, bbox.height)
      ctx.fillStyle = muted ? this.colours.muted : this.colours.alarm
      ctx.fillRect(from, bbox.top, to - from, 3 * devicePixelRatio)
    }
    ctx.restore()
  }

  get threshold() {
    return this.series?.threshold(this.series.length - 1)
  }

  /** Whether the label of the threshold is in the way of a tick's. */
  isTaken(u, tick) {
    if (this.threshold === undefined) return false
    const y = placing(u)
    return Math.abs(y(tick) - y(this.threshold)) < 13 * devicePixelRatio
  }

  /** The value of the threshold at the axis, and the one that is being tried. */
  label(u) {
    if (this.threshold === undefined) return
    const { ctx, bbox } = u
    const y = placing(u)
    ctx.save()
    ctx.font = `${12 * devicePixelRatio}px ${getComputedStyle(this.holder).fontFamily}`
    ctx.textBaseline = 'middle'
    ctx.textAlign = 'right'
    ctx.fillStyle = this.colours.alarm
    ctx.fillText(number(this.threshold), bbox.left - 6 * devicePixelRatio, y(this.threshold))
    if (this.preview !== undefined) {
      ctx.strokeStyle = this.colours.ink
      ctx.lineWidth = 1.5 * devicePixelRatio
      ctx.beginPath()
      ctx.moveTo(bbox.left, y(this.preview))
      ctx.lineTo(bbox.left + bbox.width, y(this.preview))
      ctx.stroke()
    }
    ctx.restore()
  }

  /** The time under a place on the page, ms. */
  timeAt(clientX) {
    const { left } = this.plot.over.getBoundingClientRect()
    return this.plot.posToVal(clientX - left, 'x')
  }

  /** Points at a time with the cursor line; undefined takes it away. */
  pointAt(time) {
    const left = time === undefined ? -10 : this.plot.valToPos(time, 'x')
    this.plot.setCursor({ left, top: time === undefined ? -10 : 10 }, false)
  }
}

/** Those of the ticks, least first, whose labels have room. */
function spread(ticks, u) {
  const y = placing(u)
  let above = Number.POSITIVE_INFINITY
  return ticks.filter(tick => {
    if (above - y(tick) < LABEL_PIXELS * devicePixelRatio) return false
    above = y(tick)
    return true
  })
}
