import { element } from '../app/dom.js'

const FORMATS = [
  ['csv', 'CSV'],
  ['jsonl', 'JSON lines'],
]

/** Links that download all that the filters mean, not only the page that is shown. */
export class ExportLinks {
  constructor(app) {
    this.app = app
    this.links = FORMATS.map(([format, text]) => ({
      format,
      node: element('a', { download: '', 'data-format': format }, text),
    }))
    this.node = element('p', { class: 'exports' }, 'Export as ', this.links[0].node, ' or ', this.links[1].node)
  }

  /** @param what episodes, events or audit @param query of the API */
  show(what, query) {
    for (const { format, node } of this.links) node.href = this.app.api.url(`v1/export/${what}`, { format, ...query })
  }
}
