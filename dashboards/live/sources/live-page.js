import { element, setText } from '../app/dom.js'
import { number } from '../app/format.js'

export class LivePage {
  constructor(app) {
    this.app = app
    this.list = element('ul', { class: 'panel' })
    this.node = element('div', { class: 'page' }, element('h2', {}, 'Sources'), this.list)
    this.rows = new Map()
  }

  open() {
    this.timer = setInterval(() => this.show(), 500)
    this.show()
  }

  close() {
    clearInterval(this.timer)
  }

  show() {
    for (const { name, last } of this.app.state.sources.values()) {
      let row = this.rows.get(name)
      if (!row) {
        row = { link: element('a', { href: `#/source/${encodeURIComponent(name)}` }, name), score: element('b') }
        this.rows.set(name, row)
        this.list.append(element('li', {}, row.link, ' ', row.score))
      }
      setText(row.score, last ? number(last.score) : '–')
    }
  }
}
