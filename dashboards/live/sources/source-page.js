import { element, setText } from '../app/dom.js'
import { onFrame } from '../app/frames.js'
import { EpisodeList } from '../episodes/episode-list.js'
import { MuteList } from '../episodes/mute-list.js'
import { LiveView } from '../pictures/live-view.js'
import { ChartView } from './chart-view.js'
import { Marks } from './marks.js'
import { SourceChart } from './source-chart.js'
import { SourceHealth } from './source-health.js'
import { openBySource, stateOf } from './source-state.js'
import { ThresholdPanel } from './threshold-panel.js'

const FILL_MS = 200
const EPISODES = 10

/** All of one source: its scores, what the model sees, its threshold, its health, its episodes. */
export class SourcePage {
  constructor(app) {
    this.app = app
    this.view = new ChartView(() => this.changed())
    this.name = element('h2', {})
    this.state = element('span', { class: 'state' })
    this.marks = new Marks()
    this.reading = element('output', { class: 'reading' })
    this.place = element('div', { class: 'chart-place' })
    this.threshold = new ThresholdPanel(app, {
      onPreview: value => this.preview(value),
      shown: () => this.shown(),
    })
    this.health = new SourceHealth(app)
    this.live = new LiveView(app)
    this.episodes = element('section', { 'aria-labelledby': 'source-episodes' })
    this.node = element(
      'div',
      { class: 'page source-page' },
      element(
        'div',
        { class: 'bar source-bar' },
        element(
          'div',
          { class: 'source-name' },
          element('a', { href: '#/', class: 'back' }, '← Sources'),
          this.name,
          this.state,
          this.marks.node,
        ),
        this.view.node,
      ),
      element(
        'section',
        { class: 'panel source big', 'aria-label': 'Score and threshold' },
        element(
          'div',
          { class: 'source-head' },
          element('span', { class: 'muted small' }, 'Anomaly score'),
          this.reading,
        ),
        this.place,
      ),
      element('div', { class: 'source-main' }, this.live.node, this.episodes),
      element('div', { class: 'source-side' }, this.threshold.node, this.health.node),
    )
  }

  open({ id: source, query }) {
    this.source = source
    setText(this.name, source)
    const span = Number(query.get('span'))
    if (span) this.view.choose(span)
    this.chart = new SourceChart(this.app, source, this.view, () => this.read())
    this.place.replaceChildren(this.chart.node)
    this.view.open()
    this.chart.open()
    this.stopWatching = this.app.connection.watch({ detail: [source] })
    this.threshold.open(source)
    this.health.open(source)
    this.live.open(source)
    this.live.setPaused(this.view.isHeld)
    this.list = new EpisodeList(this.app, { source, size: EPISODES, chips: false })
    this.episodes.replaceChildren(
      element('div', { class: 'bar' }, element('h2', { id: 'source-episodes' }, 'Episodes of this source')),
      this.list.node,
    )
    this.list.open()
    this.mutes = new MuteList(this.app, { source })
    this.episodes.append(this.mutes.node)
    this.mutes.open()
    this.ends = [
      onFrame(elapsed => this.chart.frame(elapsed)),
      this.app.state.on('theme', () => this.chart.chart.readColours()),
    ]
    this.filling = setInterval(() => this.fill(), FILL_MS)
    this.fill()
  }

  close() {
    for (const end of this.ends) end()
    clearInterval(this.filling)
    this.stopWatching()
    this.view.close()
    this.threshold.close()
    this.health.close()
    this.live.close()
    this.list.close()
    this.mutes.close()
    this.chart.close()
    this.chart = undefined
  }

  /** Another span is shown, or all is held. */
  changed() {
    this.chart?.touch()
    this.live.setPaused(this.view.isHeld)
  }

  preview(value) {
    if (!this.chart?.chart) return
    this.chart.chart.preview = value
    this.chart.touch()
  }

  /** What the chart shows. */
  shown() {
    const { series, playhead } = this.chart ?? {}
    // While it follows the feed it may be a little behind the newest score.
    const to = this.view.isHeld ? playhead?.at : Math.max(playhead?.at ?? 0, series?.lastEnd ?? 0)
    return { series, from: to - this.view.span * 1000, to }
  }

  read() {
    const { text, isAnomalous } = this.chart.reading()
    setText(this.reading, text)
    this.reading.dataset.anomalous = String(isAnomalous)
  }

  fill() {
    const source = this.app.state.sources.get(this.source)
    if (!source) {
      setText(this.state, 'not known to the daemon')
      return
    }
    const episode = openBySource(this.app.state).get(this.source)
    const { kind, text } = stateOf(source, episode)
    this.state.dataset.state = kind
    setText(this.state, text)
    this.marks.show(source, episode)
    this.read()
  }
}
