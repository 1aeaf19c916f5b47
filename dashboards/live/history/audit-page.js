import { element } from '../app/dom.js'
import { Labels } from '../episodes/labels.js'
import { MuteList } from '../episodes/mute-list.js'
import { episodeHref, sourceHref } from '../episodes/words.js'
import { choose, input, names } from './controls.js'
import { ACTIONS, decisionWords } from './decision-words.js'
import { ExportLinks } from './export-links.js'
import { readFilters, writeFilters } from './filters.js'
import { moments } from './moments.js'
import { PagedList } from './paged-list.js'

/** `#/audit?source=fan&action=muted`: who decided what and when, what was so before and is so since. */
export class AuditPage {
  constructor(app) {
    this.app = app
    this.labels = Labels.of(app)
    this.nameOf = id => this.labels.name({ id })
    this.mutes = new MuteList(app)
    this.exports = new ExportLinks(app)
    this.source = input('Source', 'source', { placeholder: 'all' }, names(app))
    this.action = choose('What', 'action', [['', 'all decisions'], ...Object.entries(ACTIONS)])
    this.form = element('form', { class: 'filters panel filters-panel' }, this.source.field, this.action.field)
    this.form.addEventListener('submit', event => event.preventDefault())
    this.form.addEventListener('change', () => this.change())
    this.list = new PagedList(app, {
      empty: 'Nothing was decided yet.',
      rowOf: entry => this.row(entry),
      onPage: before => app.go(`#/audit${writeFilters({ ...this.filters, before })}`),
    })
    this.node = element(
      'section',
      { class: 'page audit', 'aria-labelledby': 'audit-title' },
      element('div', { class: 'bar' }, element('h2', { id: 'audit-title' }, 'Who decided what'), this.exports.node),
      this.form,
      this.list.node,
      this.mutes.node,
    )
  }

  open({ query }) {
    const { source, action, before } = readFilters(query)
    this.filters = { source, action, before }
    this.source.node.value = source ?? ''
    this.action.node.value = action ?? ''
    const { state } = this.app
    this.mutes.open()
    this.ends = [
      state.on('decision', () => this.filters.before === undefined && void this.load()),
      state.on('hello', () => void this.load()),
      this.labels.on(() => this.list.entries && this.list.draw()),
    ]
    void this.load()
  }

  close() {
    for (const end of this.ends ?? []) end()
    this.ends = []
    this.mutes.close()
  }

  change() {
    const [source, action] = [this.source, this.action].map(({ node }) => node.value.trim() || undefined)
    this.filters = { source, action }
    window.history.replaceState(null, '', `#/audit${writeFilters(this.filters)}`)
    void this.load()
  }

  async load() {
    const { before, ...query } = this.filters
    this.exports.show('audit', query)
    const isAll = query.source === undefined && query.action === undefined
    this.list.empty = isAll ? 'Nothing was decided yet.' : 'Nothing was decided that is like that.'
    await this.list.load('v1/audit', 'decisions', query, before)
  }

  row(decision) {
    const { seq, time, who, note, source, episode_id: episode } = decision
    const { what, before, after } = decisionWords(decision, this.nameOf)
    return element(
      'li',
      { class: 'decided', 'data-seq': seq, 'data-action': decision.action },
      element('time', { datetime: moments.iso(time), title: moments.full(time) }, moments.short(time)),
      element('b', { class: 'decided-who' }, who),
      element(
        'div',
        { class: 'decided-what' },
        element('span', {}, what, ' '),
        before !== undefined &&
          element('span', { class: 'decided-side' }, element('del', {}, before), ' → ', element('ins', {}, after)),
        before === undefined && after !== undefined && element('span', { class: 'muted' }, after),
        note && element('p', { class: 'decided-note' }, `“${note}”`),
      ),
      element(
        'span',
        { class: 'decided-links' },
        episode && element('a', { href: episodeHref(episode) }, 'Episode'),
        !episode && source && element('a', { href: sourceHref(source) }, 'Source'),
      ),
    )
  }
}
