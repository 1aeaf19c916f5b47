import { button, element, reconcile, setText } from '../app/dom.js'
import { EpisodeRow } from './episode-row.js'
import { Labels } from './labels.js'
import { headOf, isStale } from './words.js'

/** Rows that a list holds at most. The history has the rest. */
const MOST = 500
const DRAW_MS = 150
const TICK_MS = 1000

const CHIPS = [
  { name: 'open', text: 'Open', query: { state: 'open' }, matches: each => each.state === 'open' },
  { name: 'new', text: 'Not acknowledged', query: { acknowledged: false }, matches: each => !each.acknowledged },
  { name: 'loud', text: 'Hide muted', query: { muted: false }, matches: each => !each.muted },
]

/**
 * Episodes, the open ones on top, then the latest. It asks the daemon for them and goes on with what the stream tells. Rows are kept and
 * moved, so that what is focused or read stays.
 *
 *     const list = new EpisodeList(app, { source: 'pump', size: 10 }); section.append(list.node); list.open(); … list.close()
 */
export class EpisodeList {
  /** @param {{ source?: string, size?: number, chips?: boolean, empty?: string }} options `size`: rows of a page */
  constructor(app, { source, size = 20, chips = true, empty = 'None so far. Everything looks normal.' } = {}) {
    this.app = app
    this.source = source
    this.size = size
    this.limit = size
    this.emptyText = empty
    this.labels = Labels.of(app)
    this.chosen = new Set()
    this.episodes = new Map()
    this.rows = new Map()
    this.isWhole = false
    this.ends = []
    this.chips = CHIPS.map(({ name, text }) =>
      button(text, () => this.toggle(name), { class: 'chip', 'aria-pressed': 'false', 'data-chip': name }),
    )
    this.list = element('ul', { class: 'episode-list', onkeydown: event => this.step(event) })
    this.note = element('p', { class: 'empty', hidden: true })
    this.more = button('Show more', () => this.fetchMore(), { hidden: true, class: 'quiet' })
    this.older = element('a', { href: '#/history', hidden: true }, 'Older ones are in the history')
    this.node = element(
      'div',
      { class: 'episodes' },
      chips && element('div', { class: 'chips', role: 'group', 'aria-label': 'Episodes shown' }, this.chips),
      element('div', { class: 'panel episode-panel' }, this.list, this.note),
      element('div', { class: 'episode-foot' }, this.more, this.older),
    )
  }

  /** Shows those of another source; undefined: of all. */
  setSource(source) {
    if (source === this.source) return
    this.source = source
    this.episodes.clear()
    if (this.ends.length > 0) void this.refresh()
  }

  open() {
    if (this.ends.length > 0) return
    const { state } = this.app
    const tick = setInterval(() => this.draw(), TICK_MS)
    this.ends = [
      state.on('hello', () => void this.refresh()),
      state.on('episode', ({ episode }) => this.take(episode)),
      this.labels.on(() => this.soon()),
      () => clearInterval(tick),
    ]
    void this.refresh()
  }

  close() {
    for (const end of this.ends) end()
    this.ends = []
    clearTimeout(this.drawing)
    this.drawing = undefined
  }

  /** The names of the chips that are on. */
  choose(names) {
    this.chosen = new Set(names)
    for (const chip of this.chips) chip.setAttribute('aria-pressed', String(this.chosen.has(chip.dataset.chip)))
    this.draw()
    if (this.ends.length > 0) void this.refresh()
  }

  toggle(name) {
    this.choose([...new Set([...this.chosen]).symmetricDifference(new Set([name]))])
    this.onChoose?.([...this.chosen])
  }

  matches(episode) {
    if (this.source !== undefined && episode.source !== this.source) return false
    return CHIPS.every(({ name, matches }) => !this.chosen.has(name) || matches(episode))
  }

  query() {
    const chosen = CHIPS.filter(({ name }) => this.chosen.has(name)).map(({ query }) => query)
    return Object.assign({ source: this.source }, ...chosen)
  }

  /** Asks for the first page anew, and for what is open, however long it has been. */
  async refresh() {
    const asked = JSON.stringify(this.query())
    try {
      const { answer, heard } = await this.app.state.hearing(
        Promise.all([
          this.app.api.get('v1/episodes', { limit: this.size, ...this.query() }),
          this.app.api.get('v1/episodes', { limit: MOST, ...this.query(), state: 'open' }),
        ]),
      )
      if (asked !== JSON.stringify(this.query())) return
      const [latest, open] = answer
      this.episodes = new Map([...latest.episodes, ...open.episodes].map(each => [each.id, each]))
      for (const episode of heard.values()) this.take(episode)
      this.next = latest.next
      this.problem = undefined
    } catch (error) {
      this.problem = error
    }
    this.isWhole = true
    this.draw()
  }

  async fetchMore() {
    this.limit += this.size
    this.draw()
    if (!this.next || this.shown().length >= this.limit) return
    try {
      const { answer, heard } = await this.app.state.hearing(
        this.app.api.get('v1/episodes', { limit: this.size, ...this.query(), before: this.next }),
      )
      for (const episode of answer.episodes) {
        if (!this.episodes.has(episode.id)) this.episodes.set(episode.id, episode)
      }
      for (const episode of heard.values()) this.take(episode)
      this.next = answer.next
      this.draw()
    } catch (error) {
      this.app.toast(error, 'bad')
    }
  }

  /** What became of an episode. */
  take(episode) {
    const before = this.episodes.get(episode.id)
    if (!before && !this.matches(episode)) return
    if (isStale(episode, before)) return
    this.episodes.set(episode.id, { seq: before?.seq, ...episode })
    if (this.episodes.size > MOST) {
      const oldest = this.sorted().at(-1)
      this.episodes.delete(oldest.id)
    }
    this.soon()
  }

  sorted() {
    const rank = ({ state }) => (state === 'open' ? 1 : 0)
    return [...this.episodes.values()].sort((a, b) => rank(b) - rank(a) || b.opened_at - a.opened_at)
  }

  soon() {
    this.drawing ??= setTimeout(() => {
      this.drawing = undefined
      this.draw()
    }, DRAW_MS)
  }

  /** All that are open, and of the others as many as were asked for. */
  shown() {
    return this.sorted().filter(each => this.matches(each))
  }

  draw() {
    const all = this.shown()
    const open = all.findLastIndex(each => each.state === 'open') + 1
    const shown = all.slice(0, Math.max(open, this.limit))
    const { state } = this.app
    const focused = this.list.contains(document.activeElement) ? document.activeElement : undefined
    reconcile(
      this.list,
      this.rows,
      shown,
      each => each.id,
      each => new EpisodeRow(each),
      (row, each) => row.fill(each, headOf(state, each.source), this.labels),
    )
    // A row that is moved loses the focus.
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true })
    const isFull = this.episodes.size >= MOST
    this.more.hidden = all.length <= shown.length && (!this.next || isFull)
    this.older.hidden = !isFull || !this.more.hidden
    this.note.hidden = shown.length > 0 || !this.isWhole
    setText(this.note, this.problem ? `The episodes cannot be read: ${this.problem.message}` : this.noteText())
    this.onDraw?.(shown)
  }

  noteText() {
    return this.chosen.size > 0 ? 'None like that.' : this.emptyText
  }

  /** Arrow keys go from row to row. */
  step(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return
    const links = [...this.list.querySelectorAll('a.episode')]
    const to = links[links.indexOf(document.activeElement) + by]
    if (!to) return
    event.preventDefault()
    to.focus()
  }
}
