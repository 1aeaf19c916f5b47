import { element, reconcile } from '../app/dom.js'
import { count } from '../app/format.js'
import { onFrame } from '../app/frames.js'
import { EpisodeList } from '../episodes/episode-list.js'
import { LiveView } from '../pictures/live-view.js'
import { ChartView } from './chart-view.js'
import { Figures, latency, rate } from './figures.js'
import { SourceCard } from './source-card.js'
import { SourceList } from './source-list.js'
import { openBySource } from './source-state.js'

/** So many sources are shown with a large chart each; of more there is a list. */
const MOST_CARDS = 6
const FILL_MS = 200
/** Scores that end later than this from now are of a feed that is played faster than it was recorded; clocks differ by less. */
const AHEAD_MS = 10_000
const EPISODES = 8

/** The first page: how things are, each source, and the episodes that are open or were the latest. */
export class LivePage {
  constructor(app) {
    this.app = app
    this.cards = new Map()
    this.figures = new Figures('How things are', {
      open: 'Open episodes',
      up: 'Sources up',
      rate: 'Windows a second',
      p99: 'Latency, p99',
    })
    this.view = new ChartView(() => {
      for (const card of this.cards.values()) card.chart.touch()
      if (this.watched) this.live.setPaused(this.view.isHeld)
    })
    this.list = new SourceList(app)
    this.episodes = new EpisodeList(app, { size: EPISODES, chips: false })
    this.live = new LiveView(app)
    this.title = element('h2', { id: 'sources-title' }, 'Sources')
    this.feedTime = element('p', { id: 'feed-time', class: 'muted', hidden: true }, 'replay, feed time')
    this.feedTime.title = 'The feed is played faster than it was recorded, so its time is ahead of the clock.'
    this.live.node.hidden = true
    this.holder = element('div', { class: 'sources' })
    this.waiting = element('p', { class: 'empty dashed' }, 'Waiting for the first window…')
    this.node = element(
      'div',
      { class: 'page live' },
      this.figures.node,
      element(
        'section',
        { class: 'live-sources', 'aria-labelledby': 'sources-title' },
        element('div', { class: 'bar' }, element('div', { class: 'title' }, this.title, this.feedTime), this.view.node),
        this.waiting,
        this.holder,
        this.list.node,
        this.live.node,
      ),
      element(
        'section',
        { class: 'live-episodes', 'aria-labelledby': 'latest-title' },
        element(
          'div',
          { class: 'bar' },
          element('h2', { id: 'latest-title' }, 'Episodes'),
          element('a', { href: '#/episodes' }, 'All'),
        ),
        this.episodes.node,
      ),
    )
  }

  open() {
    const { state } = this.app
    this.view.open()
    this.episodes.open()
    for (const card of this.cards.values()) card.open()
    this.ends = [
      onFrame(elapsed => this.frame(elapsed)),
      state.on('sources', () => this.arrange()),
      state.on('theme', () => this.restyle()),
    ]
    this.filling = setInterval(() => this.fill(), FILL_MS)
    this.arrange()
    this.fill()
  }

  close() {
    for (const end of this.ends) end()
    clearInterval(this.filling)
    this.view.close()
    this.episodes.close()
    this.watch(undefined)
    if (this.isListed) this.list.close()
    this.isListed = false
    for (const card of this.cards.values()) card.close()
  }

  /** Large charts or a list, by how many sources there are. */
  arrange() {
    const names = [...this.app.state.sources.keys()].sort()
    const isListed = names.length > MOST_CARDS
    this.node.dataset.sources = isListed ? 'list' : 'cards'
    this.waiting.hidden = names.length > 0
    this.view.node.hidden = isListed || names.length === 0
    this.list.node.hidden = !isListed
    if (isListed !== (this.isListed ?? false)) {
      this.isListed = isListed
      if (isListed) this.list.open()
      else this.list.close()
    }
    const gone = [...this.cards.keys()].filter(name => isListed || !names.includes(name))
    for (const name of gone) this.cards.get(name).close()
    const fresh = isListed ? [] : names.filter(name => !this.cards.has(name))
    reconcile(
      this.holder,
      this.cards,
      isListed ? [] : names,
      name => name,
      name => new SourceCard(this.app, name, this.view),
      () => {},
    )
    for (const name of fresh) this.cards.get(name).open()
    this.watch(names.length === 1 ? names[0] : undefined)
  }

  /** Where there is one source only, there is room for what the model sees of it. */
  watch(name) {
    if (name === this.watched) return
    this.watched = name
    this.live.node.hidden = name === undefined
    if (name === undefined) this.live.close()
    else this.live.open(name)
  }

  restyle() {
    for (const card of this.cards.values()) card.chart.chart?.readColours()
    this.list.restyle()
  }

  frame(elapsed) {
    for (const card of this.cards.values()) card.chart.frame(elapsed)
  }

  fill() {
    const { state } = this.app
    const open = openBySource(state)
    for (const [name, card] of this.cards) card.fill(open.get(name))
    const { status } = state
    const openCount = state.openEpisodes().length
    this.figures.put('open', count(openCount), openCount > 0 ? 'alarm' : '')
    const all = [...state.sources.values()]
    const down = all.filter(({ info }) => info?.state === 'down' || info?.state === 'failed').length
    this.figures.put('up', `${count(all.length - down)} of ${count(all.length)}`, down > 0 ? 'alarm' : '')
    this.figures.put('rate', rate(status?.rate))
    this.figures.put('p99', latency(status?.latency?.p99))
    const head = Math.max(0, ...all.map(({ series }) => series.lastEnd ?? 0))
    this.feedTime.hidden = head < Date.now() + AHEAD_MS
  }
}
