import { element } from '../app/dom.js'
import { number, time, times } from '../app/format.js'
import { Playhead } from '../charts/playhead.js'
import { ScoreChart } from '../charts/score-chart.js'

const HALF_PIXEL = 0.5
const CLOSE_SECONDS = 30
/** Pixels that a pointer may move and still click. */
const SLACK = 5

/**
 * The chart of one source as people use it: it follows the feed or is held, reads under the pointer or by arrow keys, is dragged back in
 * time, and opens the episode that is clicked.
 */
export class SourceChart {
  /**
   * @param source its name
   * @param view shared by the charts of a page: `{ span (seconds), isHeld, hold(), choose(seconds) }`
   * @param onRead called with the index of the point that is read, undefined for the latest
   */
  constructor(app, source, view, onRead) {
    this.app = app
    this.source = source
    this.view = view
    this.onRead = onRead
    this.playhead = new Playhead()
    this.cursor = undefined
    this.version = -1
    this.holder = element('div', { class: 'chart', tabindex: '0', role: 'img', 'aria-roledescription': 'chart' })
    this.node = this.holder
    this.listen()
  }

  /** Must be called when the node is in the page. */
  open() {
    this.series = this.app.details.of(this.source)
    this.chart ??= new ScoreChart(this.holder)
    this.chart.readColours()
    this.isMoved = true
    this.describe()
    this.describing = setInterval(() => this.describe(), 3000)
  }

  close() {
    clearInterval(this.describing)
    this.chart?.destroy()
    this.chart = undefined
    this.cursor = undefined
  }

  listen() {
    const { holder } = this
    holder.addEventListener('pointermove', event => this.move(event))
    holder.addEventListener('pointerdown', event => {
      this.setCursor(this.chart?.timeAt(event.clientX))
      this.drag = { x: event.clientX, to: this.playhead.at, isMoved: false }
      holder.setPointerCapture(event.pointerId)
    })
    holder.addEventListener('pointerup', () => this.release())
    holder.addEventListener('pointercancel', () => {
      this.drag = undefined
    })
    holder.addEventListener('pointerleave', () => this.setCursor(undefined))
    holder.addEventListener('blur', () => this.setCursor(undefined))
    holder.addEventListener('keydown', event => this.press(event))
  }

  move(event) {
    if (!this.chart) return
    const shift = this.drag ? event.clientX - this.drag.x : 0
    if (this.drag && event.buttons > 0 && (this.drag.isMoved || Math.abs(shift) > SLACK)) {
      this.drag.isMoved = true
      this.view.hold()
      this.showUntil(this.drag.to - (shift / this.chart.plot.over.clientWidth) * this.view.span * 1000)
    }
    this.setCursor(this.chart.timeAt(event.clientX))
  }

  /** Holds the picture with this time at its right edge, within what there is. */
  showUntil(time) {
    const least = this.series.length > 0 ? this.series.end(0) + this.view.span * 100 : time
    this.playhead.at = Math.max(least, Math.min(time, this.playhead.target ?? time))
    this.isMoved = true
  }

  release() {
    if (this.drag && !this.drag.isMoved && this.cursor !== undefined) this.follow(this.cursor)
    this.drag = undefined
  }

  /** Opens the episode at a time; a stretch above the threshold without one is held and shown closely. */
  follow(at) {
    const margin = (this.view.span * 1000) / 200
    const episode = this.episodes().find(
      each => each.opened_at - margin <= at && at <= (each.closed_at ?? Number.POSITIVE_INFINITY) + margin,
    )
    if (episode) this.app.go(`#/episode/${encodeURIComponent(episode.id)}`)
    else if (this.series.anomalous(this.series.nearest(at))) this.lookClosely(at)
  }

  lookClosely(at) {
    this.view.hold()
    this.view.choose(CLOSE_SECONDS)
    this.showUntil(at + (CLOSE_SECONDS * 1000) / 2)
  }

  press(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key]
    if (event.key === 'Escape') this.setCursor(undefined)
    else if (event.key === 'Enter' && this.cursor !== undefined) this.follow(this.cursor)
    else if (step && this.series?.length > 0) this.step(step)
    else return
    event.preventDefault()
  }

  step(windows) {
    const { series } = this
    const from = this.cursor === undefined ? series.length : series.nearest(this.cursor)
    this.setCursor(series.end(Math.min(series.length - 1, Math.max(0, from + windows))))
  }

  setCursor(time) {
    if (time === this.cursor) return
    this.cursor = time
    this.isMoved = true
    this.onRead?.()
  }

  episodes() {
    const found = []
    for (const episode of this.app.state.episodes.values()) if (episode.source === this.source) found.push(episode)
    return found
  }

  /** One picture; nothing is drawn while nothing has moved by half a pixel. */
  frame(elapsed) {
    const { series, playhead, view, chart } = this
    if (!chart || series.length === 0) return
    playhead.arrive(series.lastEnd, performance.now())
    const span = view.span * 1000
    if (!view.isHeld) playhead.move(elapsed, span)
    else if (playhead.at === undefined) playhead.at = playhead.target
    const pixel = span / Math.max(1, chart.plot.bbox.width)
    const isMoved = Math.abs(playhead.at - (this.drawnAt ?? 0)) > HALF_PIXEL * pixel
    if (!isMoved && !this.isMoved && series.version === this.version && !chart.dirty) return
    this.version = series.version
    this.drawnAt = playhead.at
    chart.episodes = this.episodes()
    this.isMoved = chart.draw(series, { from: playhead.at - span, to: playhead.at, elapsed })
    chart.pointAt(this.cursor === undefined ? undefined : series.end(series.nearest(this.cursor)))
  }

  /** To be drawn again though no score came. */
  touch() {
    this.isMoved = true
  }

  /** Index of the point that is read. */
  get index() {
    if (!this.series || this.series.length === 0) return -1
    return this.cursor === undefined ? this.series.length - 1 : this.series.nearest(this.cursor)
  }

  /** `14:03:27 · 0.912 · 0.9× threshold`, and whether that is above it; the time only where one is pointed at. */
  reading() {
    const i = this.index
    if (i < 0) return { text: '', isAnomalous: false }
    const { series } = this
    const when = this.cursor === undefined ? '' : `${time(series.end(i))} · `
    const ratio = series.score(i) / series.threshold(i)
    return { text: `${when}${number(series.score(i))} · ${times(ratio)} threshold`, isAnomalous: series.anomalous(i) }
  }

  /** Tells screen readers what the picture shows. */
  describe() {
    const i = (this.series?.length ?? 0) - 1
    if (i < 0) return
    const { series, source, view } = this
    const state = series.anomalous(i) ? 'above the threshold' : 'normal'
    const label = `Scores of ${source} over the last ${view.span} seconds. Latest ${number(series.score(i))}, threshold ${number(series.threshold(i))}, ${state}. Arrow keys read single windows, Enter opens the episode there, or shows what is above the threshold closely.`
    this.holder.setAttribute('aria-label', label)
  }
}
