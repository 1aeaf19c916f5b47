import { element, setText } from '../app/dom.js'
import { number, times } from '../app/format.js'
import { Sparkline } from '../charts/sparkline.js'
import { Marks } from './marks.js'
import { ratioOf } from './source-state.js'

/** A line of the list of sources. */
export class SourceRow {
  constructor(name) {
    this.name = name
    this.isVisible = false
    this.link = element('a', { href: `#/source/${encodeURIComponent(name)}`, class: 'source-link' }, name)
    this.state = element('span', { class: 'state' })
    this.marks = new Marks()
    this.canvas = element('canvas', { class: 'spark', 'aria-hidden': 'true' })
    this.score = element('span', { class: 'score' })
    this.ratio = element('b', { class: 'ratio' })
    this.node = element(
      'li',
      { class: 'source-row', 'data-source': name },
      element('span', { class: 'who' }, this.link, this.marks.node),
      this.state,
      this.canvas,
      this.ratio,
      this.score,
    )
    this.sparkline = new Sparkline(this.canvas)
  }

  fill({ source, state, episode }) {
    const { last } = source
    this.node.dataset.state = state.kind
    this.state.dataset.state = state.kind
    setText(this.state, state.text)
    const ratio = ratioOf(source)
    setText(this.ratio, ratio === undefined ? '–' : times(ratio))
    this.ratio.dataset.anomalous = String(last?.anomalous === true)
    setText(this.score, last ? `${number(last.score)} / ${number(last.threshold)}` : '')
    this.marks.show(source, episode)
    this.source = source
  }

  draw(span) {
    if (this.isVisible && this.source) this.sparkline.draw(this.source.series, span)
  }
}
