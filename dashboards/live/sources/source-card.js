import { element, setText } from '../app/dom.js'
import { Marks } from './marks.js'
import { SourceChart } from './source-chart.js'
import { stateOf } from './source-state.js'

/** The panel of one source, where there are few: its name, how it is, its latest score, and the chart. */
export class SourceCard {
  constructor(app, name, view) {
    this.app = app
    this.name = name
    this.state = element('span', { class: 'state' })
    this.marks = new Marks()
    this.reading = element('output', { class: 'reading' })
    this.chart = new SourceChart(app, name, view, () => this.read())
    this.node = element(
      'article',
      { class: 'panel source', 'data-source': name },
      element(
        'div',
        { class: 'source-head' },
        element(
          'div',
          { class: 'source-name' },
          element('h3', {}, element('a', { href: `#/source/${encodeURIComponent(name)}`, class: 'source-link' }, name)),
          this.state,
          this.marks.node,
        ),
        this.reading,
      ),
      this.chart.node,
    )
  }

  open() {
    this.stopWatching = this.app.connection.watch({ detail: [this.name] })
    this.chart.open()
  }

  close() {
    this.stopWatching?.()
    this.chart.close()
  }

  read() {
    const { text, isAnomalous } = this.chart.reading()
    setText(this.reading, text)
    this.reading.dataset.anomalous = String(isAnomalous)
  }

  fill(episode) {
    const source = this.app.state.source(this.name)
    const { kind, text } = stateOf(source, episode)
    this.node.dataset.state = kind
    this.state.dataset.state = kind
    setText(this.state, text)
    this.marks.show(source, episode)
    this.read()
  }
}
