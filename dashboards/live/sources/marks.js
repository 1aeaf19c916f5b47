import { element } from '../app/dom.js'
import { marksOf } from './source-state.js'

/** The marks of a source beside its name; made anew only when they change. */
export class Marks {
  constructor() {
    this.node = element('span', { class: 'marks' })
    this.key = ''
  }

  show(source, episode) {
    const marks = marksOf(source, episode)
    const key = marks.map(each => each.text + each.title).join()
    if (key === this.key) return
    this.key = key
    this.node.replaceChildren(
      ...marks.map(each => element('span', { class: 'mark', 'data-kind': each.kind, title: each.title }, each.text)),
    )
  }
}
