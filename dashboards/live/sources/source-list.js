import { element, reconcile, setText } from '../app/dom.js'
import { count } from '../app/format.js'
import { SourceRow } from './source-row.js'
import { KINDS, openBySource, ratioOf, stateOf } from './source-state.js'

const FILL_MS = 500
const SORT_MS = 2000
const SPARK_SPAN_MS = 120_000
const byName = new Intl.Collator('en', { numeric: true }).compare

const SORTS = {
  open: { text: 'Open first', compare: (a, b) => KINDS.indexOf(a.state.kind) - KINDS.indexOf(b.state.kind) },
  ratio: { text: 'Highest score first', compare: (a, b) => (ratioOf(b.source) ?? -1) - (ratioOf(a.source) ?? -1) },
  name: { text: 'By name', compare: () => 0 },
}

const FILTERS = {
  all: { text: 'All states', kinds: KINDS },
  episode: { text: 'Episode open', kinds: ['episode', 'muted'] },
  anomalous: { text: 'Above threshold', kinds: ['episode', 'muted', 'anomalous'] },
  trouble: { text: 'Troubled or down', kinds: ['trouble', 'down'] },
  drift: { text: 'Drifting', kinds: ['drift'] },
  normal: { text: 'Normal', kinds: ['normal'] },
  ended: { text: 'Waiting or ended', kinds: ['waiting', 'ended'] },
}

/** All sources in one list, with a filter and an order. Only what is on the screen is drawn. */
export class SourceList {
  constructor(app) {
    this.app = app
    this.rows = new Map()
    this.sortedAt = 0
    this.search = element('input', {
      type: 'search',
      placeholder: 'Filter sources',
      'aria-label': 'Filter sources by name',
      title: 'Part of a name (/)',
      oninput: () => this.arrange(),
    })
    this.filter = choice('State', FILTERS, () => this.arrange())
    this.sort = choice('Order', SORTS, () => this.arrange())
    this.note = element('p', { class: 'muted', role: 'status' })
    this.list = element('ul', { class: 'source-list', onkeydown: event => this.step(event) })
    this.empty = element('p', { class: 'empty' })
    this.tools = element('div', { class: 'tools', role: 'search' }, this.search, this.filter, this.sort, this.note)
    this.node = element(
      'div',
      { class: 'source-table' },
      this.tools,
      element('div', { class: 'panel' }, this.list, this.empty),
    )
    this.keys = event => this.press(event)
  }

  open() {
    this.seen = new IntersectionObserver(entries => this.see(entries), { rootMargin: '100px' })
    for (const row of this.rows.values()) this.seen.observe(row.node)
    this.ticking = setInterval(() => this.tick(), FILL_MS)
    document.addEventListener('keydown', this.keys)
    this.restyle()
    this.arrange()
  }

  close() {
    clearInterval(this.ticking)
    this.seen.disconnect()
    document.removeEventListener('keydown', this.keys)
  }

  /** Colours or sizes may have changed. */
  restyle() {
    for (const row of this.rows.values()) row.sparkline.invalidate()
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      const row = this.rows.get(target.dataset.source)
      if (!row) continue
      row.isVisible = isIntersecting
      row.draw(SPARK_SPAN_MS)
    }
  }

  tick() {
    // What is pointed at or focused does not jump away.
    const isBusy = this.list.matches(':hover') || this.list.contains(document.activeElement)
    if (performance.now() - this.sortedAt > SORT_MS && !isBusy) this.arrange()
    else this.refill()
  }

  /** All sources with their states. */
  entries() {
    const open = openBySource(this.app.state)
    return [...this.app.state.sources.values()].map(source => {
      const episode = open.get(source.name)
      return { source, episode, state: stateOf(source, episode) }
    })
  }

  refill() {
    for (const entry of this.entries()) {
      const row = this.rows.get(entry.source.name)
      if (!row) continue
      row.fill(entry)
      row.draw(SPARK_SPAN_MS)
    }
  }

  /** Filters and sorts anew. */
  arrange() {
    this.sortedAt = performance.now()
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const { kinds } = FILTERS[this.filter.value]
    const { compare } = SORTS[this.sort.value]
    const all = this.entries()
    const shown = all
      .filter(
        ({ source, state }) =>
          kinds.includes(state.kind) && words.every(word => source.name.toLowerCase().includes(word)),
      )
      .sort((a, b) => compare(a, b) || byName(a.source.name, b.source.name))
    reconcile(
      this.list,
      this.rows,
      shown,
      ({ source }) => source.name,
      ({ source }) => this.makeRow(source.name),
      (row, entry) => {
        row.fill(entry)
        row.draw(SPARK_SPAN_MS)
      },
    )
    setText(
      this.note,
      shown.length === all.length ? `${count(all.length)} sources` : `${count(shown.length)} of ${count(all.length)}`,
    )
    this.empty.hidden = shown.length > 0
    setText(this.empty, all.length > 0 ? 'No source is like that.' : 'Waiting for the first window…')
  }

  makeRow(name) {
    const row = new SourceRow(name)
    this.seen?.observe(row.node)
    return row
  }

  press(event) {
    const isTyping = event.target.closest?.('input, textarea, select, dialog')
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return
    this.search.focus()
    event.preventDefault()
  }

  /** Arrow keys go from row to row. */
  step(event) {
    const links = [...this.list.querySelectorAll('.source-link')]
    const at = links.indexOf(document.activeElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key]
    if (to === undefined || at < 0) return
    links[Math.min(links.length - 1, Math.max(0, to))].focus()
    event.preventDefault()
  }
}

const choice = (label, options, onChange) =>
  element(
    'select',
    { 'aria-label': label, onchange: onChange },
    Object.entries(options).map(([value, { text }]) => element('option', { value }, text)),
  )
