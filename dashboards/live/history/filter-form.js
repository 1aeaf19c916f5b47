import { button, element, setText } from '../app/dom.js'
import { Labels } from '../episodes/labels.js'
import { KINDS } from './change-words.js'
import { choose, input, names } from './controls.js'
import { fromLocal, toLocal } from './filters.js'

const TYPING_MS = 400
const RANGES = [
  ['', 'any time'],
  ['3600', 'the last hour'],
  ['86400', 'the last day'],
  ['604800', 'the last week'],
  ['between', 'between…'],
]
const EITHER = (yes, no) => [
  ['', 'all'],
  ['true', yes],
  ['false', no],
]

/** What the history is searched for. */
export class FilterForm {
  /** @param {(filters: object) => void} onChange with the filters as an address has them */
  constructor(app, onChange) {
    this.app = app
    this.onChange = onChange
    this.labels = Labels.of(app)
    this.show = choose('What', 'show', [
      ['episodes', 'episodes'],
      ['changes', 'changes'],
    ])
    this.source = input('Source', 'source', { placeholder: 'all' }, names(app))
    this.when = choose('When', 'when', RANGES)
    this.since = input('From', 'since', { type: 'datetime-local', step: '1' })
    this.until = input('Until', 'until', { type: 'datetime-local', step: '1' })
    const clusters = () => this.labels.all.map(([id, label]) => label ?? `cluster ${id}`)
    this.cluster = input('Like', 'cluster', { placeholder: 'all' }, clusters)
    this.score = input('Peak score at least', 'min_score', { inputmode: 'decimal', placeholder: '0' })
    this.state = choose('State', 'state', [
      ['', 'all'],
      ['open', 'open'],
      ['closed', 'closed'],
    ])
    this.acknowledged = choose('Acknowledged', 'acknowledged', EITHER('acknowledged', 'not yet'))
    this.muted = choose('Muted', 'muted', EITHER('muted', 'not muted'))
    this.kinds = Object.entries(KINDS).map(([value, text]) => {
      const box = element('input', { type: 'checkbox', name: 'kind', value })
      return { box, node: element('label', { class: 'check' }, box, text) }
    })
    this.kindField = element(
      'fieldset',
      { class: 'kinds' },
      element('legend', {}, 'Changes of'),
      this.kinds.map(each => each.node),
    )
    this.summary = element('summary', {})
    this.node = this.layout()
  }

  layout() {
    const parts = ['show', 'source', 'when', 'since', 'until', 'cluster', 'score', 'state', 'acknowledged', 'muted']
    const form = element(
      'form',
      { class: 'filters' },
      parts.map(name => this[name].field),
      this.kindField,
      element(
        'div',
        { class: 'filters-end' },
        button('Clear', () => this.clear(), { class: 'quiet' }),
      ),
    )
    form.addEventListener('submit', event => {
      event.preventDefault()
      this.changed()
    })
    form.addEventListener('change', () => this.changed())
    form.addEventListener('input', ({ target }) => {
      clearTimeout(this.typing)
      if (target.tagName === 'INPUT' && target.type !== 'checkbox')
        this.typing = setTimeout(() => this.changed(), TYPING_MS)
    })
    const isWide = matchMedia('(min-width: 44rem)').matches
    return element('details', { class: 'panel filters-panel', open: isWide }, this.summary, form)
  }

  /** Shows what an address says. */
  set(filters) {
    this.filters = filters
    const put = (control, value = '') => {
      // Not under the hands of somebody who types.
      if (document.activeElement !== control.node || control.node.tagName === 'SELECT') control.node.value = value
    }
    put(this.show, filters.show)
    for (const name of ['source', 'state', 'acknowledged', 'muted']) put(this[name], filters[name])
    put(this.score, filters.min_score)
    put(this.cluster, filters.cluster && this.labels.name({ id: Number(filters.cluster) }))
    const isBetween = Boolean(filters.since || filters.until)
    put(this.when, filters.last ?? (isBetween ? 'between' : ''))
    put(this.since, toLocal(filters.since))
    put(this.until, toLocal(filters.until))
    for (const { box } of this.kinds) box.checked = filters.kind?.includes(box.value) ?? false
    this.arrange()
  }

  /** Hides what does not belong to what is shown. */
  arrange() {
    const isEpisodes = this.show.node.value === 'episodes'
    const isBetween = this.when.node.value === 'between'
    for (const name of ['since', 'until']) this[name].field.hidden = !isBetween
    for (const name of ['state', 'acknowledged', 'muted']) this[name].field.hidden = !isEpisodes
    this.kindField.hidden = isEpisodes
    const { show, before, ...others } = this.filters ?? {}
    const n = Object.keys(others).length
    setText(this.summary, n === 0 ? 'Filters' : `Filters (${n})`)
  }

  /** What the form says, as an address has it; undefined where something in it cannot be understood. */
  read() {
    const text = name => this[name].node.value.trim() || undefined
    const when = this.when.node.value
    const cluster = this.readCluster(text('cluster'))
    const score = text('score')?.replace(',', '.')
    this.complain(this.score, score !== undefined && !(Number(score) >= 0), 'a number, 2.5 as an example')
    this.complain(this.cluster, cluster === null, 'there is no cluster of this name')
    if (cluster === null || !this.score.node.validity.valid) return undefined
    const isEpisodes = this.show.node.value === 'episodes'
    const kinds = this.kinds.filter(({ box }) => box.checked).map(({ box }) => box.value)
    const all = {
      show: this.show.node.value,
      source: text('source'),
      last: when === 'between' ? undefined : when || undefined,
      since: when === 'between' ? fromLocal(text('since')) : undefined,
      until: when === 'between' ? fromLocal(text('until')) : undefined,
      cluster,
      min_score: score,
      ...(isEpisodes
        ? { state: text('state'), acknowledged: text('acknowledged'), muted: text('muted') }
        : { kind: kinds.length > 0 ? kinds : undefined }),
    }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  }

  /** The id of a cluster by its name or number; null where there is none. */
  readCluster(text) {
    if (text === undefined) return undefined
    const found = this.labels.all.find(([, label]) => label?.toLowerCase() === text.toLowerCase())
    const id = found ? String(found[0]) : /^(?:cluster )?(\d{1,9})$/i.exec(text)?.[1]
    return id ?? null
  }

  complain({ node }, isWrong, message) {
    node.setCustomValidity(isWrong ? message : '')
    if (isWrong) node.reportValidity()
  }

  changed() {
    clearTimeout(this.typing)
    this.arrange()
    const filters = this.read()
    if (!filters || JSON.stringify(filters) === JSON.stringify(withoutPage(this.filters))) return
    this.filters = filters
    this.arrange()
    this.onChange(filters)
  }

  clear() {
    this.filters = { show: this.show.node.value }
    this.set(this.filters)
    this.onChange(this.filters)
  }
}

const withoutPage = ({ before: _, ...filters } = {}) => filters
