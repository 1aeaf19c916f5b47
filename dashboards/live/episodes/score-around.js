import { element, setText } from '../app/dom.js'
import { number, time, times } from '../app/format.js'
import { logTicks, timeTicks } from '../charts/scale.js'
import { onWidth, svg } from './svg.js'

const HEIGHT = 190
const LEFT = 46
const RIGHT = 10
const TOP = 10
const BELOW = 26
/** Room above the highest and below the lowest score, as a factor. */
const ROOM = 1.15

/** Scores of the windows around the worst, on a logarithmic axis, with the threshold and the time of the episode. */
export class ScoreAround {
  constructor() {
    this.plot = element('div', { class: 'score-around', tabindex: '0', role: 'img' })
    this.reading = element('output', { class: 'matrices-reading' })
    this.node = element('div', {}, this.plot, this.reading)
    onWidth(this.plot, () => this.draw())
    const point = event => this.mark(this.nearest(event))
    for (const type of ['pointermove', 'pointerdown']) this.plot.addEventListener(type, point)
    for (const type of ['pointerleave', 'blur']) this.plot.addEventListener(type, () => this.mark(undefined))
    this.plot.addEventListener('keydown', event => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (event.key === 'Escape') this.mark(undefined)
      if (!by || !this.points) return
      event.preventDefault()
      const to = (this.marked ?? this.peak) + by
      this.mark(Math.min(this.points.length - 1, Math.max(0, to)))
    })
  }

  /** @param {object} evidence as the daemon answers it @param episode */
  show({ scores, time: peakTime, threshold }, episode) {
    const positive = scores.filter(({ score }) => score > 0)
    this.points = positive
    this.threshold = threshold
    this.episode = episode
    this.peak = positive.findIndex(each => each.time === peakTime)
    const label = `Scores of ${positive.length} windows around the worst. Arrow keys read single windows.`
    this.plot.setAttribute('aria-label', label)
    this.draw()
  }

  draw() {
    const width = this.plot.clientWidth
    if (!this.points?.length || width === 0) return
    const { points, threshold } = this
    const values = points.map(({ score }) => score)
    const low = Math.min(threshold, ...values) / ROOM
    const high = Math.max(threshold, ...values) * ROOM
    const from = points[0].time
    const to = Math.max(points.at(-1).time, from + 1)
    const scale = (HEIGHT - TOP - BELOW) / Math.log(high / low)
    this.x = at => LEFT + (Math.min(to, Math.max(from, at)) - from) * ((width - LEFT - RIGHT) / (to - from))
    this.y = score => HEIGHT - BELOW - Math.log(score / low) * scale
    const root = svg('svg', { width, height: HEIGHT, 'aria-hidden': 'true' })
    this.drawGrid(root, { low, high, from, to, width })
    this.drawScores(root)
    this.cursor = svg('line', { class: 'cursor', y1: TOP, y2: HEIGHT - BELOW, visibility: 'hidden' })
    root.append(this.cursor)
    this.plot.replaceChildren(root)
    this.mark(undefined)
  }

  drawGrid(root, { low, high, from, to, width }) {
    const { x, y, episode } = this
    const end = episode.closed_at ?? to
    if (end > from) {
      const [left, right] = [x(episode.opened_at), x(end)]
      root.append(svg('rect', { class: 'span', x: left, y: TOP, width: right - left, height: HEIGHT - TOP - BELOW }))
    }
    for (const value of logTicks(low, high)) {
      root.append(
        svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
        svg('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, number(value)),
      )
    }
    for (const value of timeTicks(from, to, width > 560 ? 6 : 3)) {
      root.append(svg('text', { x: x(value), y: HEIGHT - 7, 'text-anchor': 'middle' }, time(value)))
    }
    const at = y(this.threshold)
    root.append(
      svg('line', { class: 'threshold', x1: LEFT, x2: width - RIGHT, y1: at, y2: at }),
      svg('text', { class: 'threshold-text', x: width - RIGHT, y: at - 5, 'text-anchor': 'end' }, 'threshold'),
    )
  }

  drawScores(root) {
    const { points, x, y, threshold, peak } = this
    const line = points.map(({ time: at, score }) => `${x(at).toFixed(1)} ${y(score).toFixed(1)}`).join('L')
    root.append(svg('path', { class: 'scores', d: `M${line}` }))
    for (const [i, { time: at, score }] of points.entries()) {
      const kind = i === peak ? 'dot peak' : score > threshold ? 'dot above' : 'dot'
      root.append(svg('circle', { class: kind, cx: x(at), cy: y(score), r: i === peak ? 5.5 : 2.5 }))
    }
  }

  nearest({ clientX }) {
    if (!this.points?.length || !this.x) return undefined
    const at = clientX - this.plot.getBoundingClientRect().left
    const distances = this.points.map(each => Math.abs(this.x(each.time) - at))
    return distances.indexOf(Math.min(...distances))
  }

  /** @param i index of a point; undefined: none, the worst is told */
  mark(i) {
    this.marked = i
    const { points, peak, threshold } = this
    const point = points?.[i ?? peak]
    if (!point) return setText(this.reading, '')
    const name = i === undefined || i === peak ? 'worst window' : 'window'
    setText(
      this.reading,
      `${time(point.time)}, ${name}: ${number(point.score)}, ${times(point.score / threshold)} threshold`,
    )
    this.cursor.setAttribute('visibility', i === undefined ? 'hidden' : 'visible')
    for (const side of ['x1', 'x2']) this.cursor.setAttribute(side, this.x(point.time))
  }
}
