import { element } from '../app/dom.js'

export class SourcePage {
  constructor(app) {
    this.app = app
    this.node = element('div', { class: 'page' }, element('h2', {}, 'Source'))
  }

  open() {}

  close() {}
}
