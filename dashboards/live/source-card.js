import { Chart } from './chart.js'
import { element, setText } from './dom.js'
import { number, time, times } from './format.js'

/** The panel of one source: its name, how it is, its latest score, and the chart with a reading under the pointer. */
export class SourceCard {
  /** @param onChange called when the picture must be drawn again though no data came */
  constructor(source, onChange) {
    this.onChange = onChange
    this.cursor = undefined
    this.name = element('h3', {}, source)
    this.state = element('span', { class: 'state' })
    this.reading = element('output', { class: 'reading' })
    this.canvas = element('canvas', { tabindex: '0', role: 'img', 'aria-roledescription': 'chart' })
    this.node = element(
      'article',
      { class: 'panel source', 'data-source': source },
      element(
        'div',
        { class: 'source-head' },
        element('div', { class: 'source-name' }, this.name, this.state),
        this.reading,
      ),
      this.canvas,
    )
    this.listen()
  }

  /** Must be called once the node is in the page. */
  attach() {
    this.chart = new Chart(this.canvas)
  }

  listen() {
    const point = event => this.setCursor(this.chart.timeAt(event.offsetX))
    this.canvas.addEventListener('pointermove', point)
    this.canvas.addEventListener('pointerdown', point)
    this.canvas.addEventListener('pointerleave', () => this.setCursor(undefined))
    this.canvas.addEventListener('blur', () => this.setCursor(undefined))
    this.canvas.addEventListener('keydown', event => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key]
      if (event.key === 'Escape') this.setCursor(undefined)
      else if (step && this.series) this.step(step)
      else return
      event.preventDefault()
    })
  }

  step(windows) {
    const { series } = this
    const from = this.cursor === undefined ? series.length : series.nearest(this.cursor)
    const to = Math.min(series.length - 1, Math.max(0, from + windows))
    if (to >= 0) this.setCursor(series.end(to))
  }

  setCursor(time) {
    this.cursor = time
    this.onChange()
  }

  /** @param view as in Chart.draw; returns what that returns */
  draw(series, episodes, view) {
    this.series = series
    const gliding = this.chart.draw(series, episodes, { ...view, cursor: this.cursor })
    this.report(series, episodes)
    return gliding
  }

  /** Writes the latest score, or the one under the cursor, and how the source is. */
  report(series, episodes) {
    const i = this.cursor === undefined ? series.length - 1 : series.nearest(this.cursor)
    if (i < 0) return
    const { threshold } = series.last
    const score = series.score(i)
    const when = this.cursor === undefined ? '' : `${time(series.end(i))} · `
    setText(this.reading, `${when}${number(score)} · ${times(score / threshold)} threshold`)
    this.reading.dataset.anomalous = String(score > threshold)
    const open = episodes.some(each => each.state === 'open')
    const { anomalous } = series.last
    const state = open ? 'episode' : anomalous ? 'anomalous' : 'normal'
    this.state.dataset.state = state
    setText(this.state, { episode: 'episode open', anomalous: 'above threshold', normal: 'normal' }[state])
  }

  /** Tells screen readers what the picture shows; called now and then. */
  describe(spanSeconds) {
    const { last } = this.series ?? {}
    if (!last) return
    const label = `Scores of ${last.source} over the last ${spanSeconds} seconds. Latest ${number(last.score)}, threshold ${number(last.threshold)}, ${this.state.textContent}. Arrow keys read single windows.`
    this.canvas.setAttribute('aria-label', label)
  }
}
