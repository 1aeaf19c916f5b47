import { element } from '../app/dom.js'

export class HealthPage {
  constructor(app) {
    this.app = app
    this.node = element('div', { class: 'page' }, element('h2', {}, 'Health'))
  }

  open() {}

  close() {}
}
