import { element, setText } from '../app/dom.js'
import { SourceChart } from './source-chart.js'
import { marksOf, stateOf } from './source-state.js'

/** The panel of one source, where there are few: its name, how it is, its latest score, and the chart. */
export class SourceCard {
  constructor(app, name, view) {
    this.app = app
    this.name = name
    this.state = element('span', { class: 'state' })
    this.marks = element('span', { class: 'marks' })
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
          this.marks,
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
    const marks = marksOf(source, episode)
    const key = marks.map(each => each.text + each.title).join()
    if (key !== this.markKey) {
      this.markKey = key
      this.marks.replaceChildren(
        ...marks.map(each => element('span', { class: 'mark', 'data-kind': each.kind, title: each.title }, each.text)),
      )
    }
    this.read()
  }
}
