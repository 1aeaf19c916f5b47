import { button, element } from '../app/dom.js'
import { EpisodeRow } from '../episodes/episode-row.js'
import { Labels } from '../episodes/labels.js'
import { headOf } from '../episodes/words.js'
import { changeRow } from './change-row.js'
import { ExportLinks } from './export-links.js'
import { FilterForm } from './filter-form.js'
import { apiQuery, readFilters, writeFilters } from './filters.js'
import { PagedList } from './paged-list.js'
import { inRuns } from './runs.js'

/** Changes of a page: many of them are shown as one. */
const CHANGES = 200

/** `#/history?source=fan&last=86400`: episodes and changes that are kept, by what is asked for. The address holds it all, to be passed on. */
export class HistoryPage {
  constructor(app) {
    this.app = app
    this.labels = Labels.of(app)
    this.nameOf = id => this.labels.name({ id })
    this.form = new FilterForm(app, filters => this.change(filters))
    this.exports = new ExportLinks(app)
    this.rows = new Map()
    this.list = new PagedList(app, {
      empty: 'Nothing is kept that is like that.',
      rowOf: entry => (this.filters.show === 'changes' ? changeRow(entry, this.nameOf) : this.episodeRow(entry)),
      group: entries => (this.filters.show === 'changes' ? inRuns(entries) : entries),
      onPage: before => app.go(`#/history${writeFilters({ ...this.filters, before })}`),
    })
    this.fresh = button('There is something new: show it', () => void this.load(), { hidden: true, class: 'fresh' })
    this.node = element(
      'section',
      { class: 'page history', 'aria-labelledby': 'history-title' },
      element('div', { class: 'bar' }, element('h2', { id: 'history-title' }, 'History'), this.exports.node),
      this.form.node,
      this.fresh,
      this.list.node,
    )
  }

  open({ query }) {
    this.filters = readFilters(query)
    this.form.set(this.filters)
    const { state } = this.app
    this.ends = [
      state.on('episode', message => this.hear(message)),
      ...['cluster', 'drift', 'source', 'decision'].map(topic => state.on(topic, () => this.hear())),
      state.on('hello', () => void this.load()),
      this.labels.on(() => this.relabel()),
    ]
    void this.load()
  }

  close() {
    for (const end of this.ends ?? []) end()
    this.ends = []
  }

  /** The form says something else: the address follows, and the first page of it is shown. */
  change(filters) {
    this.filters = filters
    window.history.replaceState(null, '', `#/history${writeFilters(filters)}`)
    void this.load()
  }

  async load() {
    const { show, before } = this.filters
    const query = apiQuery(this.filters)
    const what = show === 'changes' ? 'events' : 'episodes'
    this.fresh.hidden = true
    this.node.dataset.show = show
    this.exports.show(what, query)
    this.rows.clear()
    await this.list.load(`v1/${what}`, what, show === 'changes' ? { ...query, limit: CHANGES } : query, before)
  }

  episodeRow(episode) {
    const row = new EpisodeRow(episode)
    this.rows.set(episode.id, row)
    this.fill(row, episode)
    return row.node
  }

  fill(row, episode) {
    row.fill(episode, headOf(this.app.state, episode.source), this.labels)
  }

  /** What is shown goes on; what is new is only told, so that nothing moves under the eyes. */
  hear({ type, episode } = {}) {
    const row = episode && this.filters.show === 'episodes' && this.rows.get(episode.id)
    if (row) this.fill(row, episode)
    const isNew = this.filters.show === 'changes' ? type !== 'episode.updated' : type === 'episode.opened'
    if (isNew && this.filters.before === undefined) this.fresh.hidden = false
  }

  relabel() {
    this.form.set(this.filters)
    if (this.list.entries) this.list.draw()
  }
}
