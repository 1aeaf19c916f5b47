import { count, duration, number } from './format.js'

/** Sources with fewer than this are sent whole; of more, a score a second is enough for a sparkline. */
const FEW_SOURCES = 6
const EVERY_SECONDS = 1
const LONGEST_EVERY_SECONDS = 64
/** Scores a second above which fewer are asked for: feeds may be played many times faster than they were recorded. */
const MOST_SCORES = 400
const PACE_MS = 2000
/** Episodes that are fetched: those that are open, however long, and the latest. */
const MOST_OPEN = 1000
const LATEST = 200
const SOURCES_MS = 5000
const SOON_MS = 300

/** Takes what comes over the stream into the state, fetches what was before it, and tells screen readers of episodes. */
export class Feed {
  constructor(app) {
    this.app = app
    this.scores = 0
    app.state.on('sources', () => this.choosePace())
    setInterval(() => this.keepPace(), PACE_MS)
    setInterval(() => this.refreshSources(), SOURCES_MS)
  }

  take(message) {
    const { state, connection } = this.app
    state.take(message)
    if (message.type === 'score') this.scores++
    else if (message.type === 'hello') this.greet()
    else if (message.type.startsWith('episode.')) {
      if (!connection.isPast(message)) this.tell(message)
    } else if (message.event_id !== undefined) this.refreshSoon()
  }

  /** A new connection: what was before it is fetched, because some of it may have been missed. */
  greet() {
    this.fetchEpisodes()
    this.refreshSources()
  }

  async fetchEpisodes() {
    const { state, api } = this.app
    const doubtful = state.openEpisodes().map(each => each.id)
    try {
      const { answer, heard } = await state.hearing(
        Promise.all([
          api.get('v1/episodes', { state: 'open', limit: MOST_OPEN }),
          api.get('v1/episodes', { limit: LATEST }),
        ]),
      )
      const [open, latest] = answer
      state.setEpisodes([...open.episodes, ...latest.episodes, ...heard.values()], doubtful)
    } catch {
      // The connection broke again; the next greeting fetches.
    }
  }

  refreshSoon() {
    clearTimeout(this.soon)
    this.soon = setTimeout(() => this.refreshSources(), SOON_MS)
  }

  /** Health of the sources. */
  async refreshSources() {
    const { state, api, connection } = this.app
    if (document.hidden || connection.link.state !== 'live' || this.refreshing) return
    this.refreshing = true
    try {
      const sources = []
      for (let after; after !== null; ) {
        const page = await api.get('v1/sources', { after })
        sources.push(...page.sources)
        after = page.next ?? null
      }
      state.setSources(sources)
    } catch {
      // Asked again in a few seconds.
    } finally {
      this.refreshing = false
    }
  }

  choosePace() {
    const { state, connection } = this.app
    const least = state.sources.size > FEW_SOURCES ? EVERY_SECONDS : 0
    if (connection.every < least || least === 0) connection.setEvery(least)
  }

  /** Asks for fewer scores where there are too many, and for more again when there are few. */
  keepPace() {
    const { state, connection } = this.app
    const rate = (this.scores * 1000) / PACE_MS
    this.scores = 0
    if (state.sources.size <= FEW_SOURCES) return
    if (rate > MOST_SCORES) connection.setEvery(Math.min(LONGEST_EVERY_SECONDS, 2 * connection.every))
    else if (rate < MOST_SCORES / 4) connection.setEvery(Math.max(EVERY_SECONDS, connection.every / 2))
  }

  tell({ type, episode }) {
    const { announce } = this.app
    if (type === 'episode.opened') announce(`Episode opened on ${episode.source}`)
    if (type === 'episode.closed') {
      const seconds = ((episode.closed_at ?? episode.last_at) - episode.opened_at) / 1000
      announce(`Episode on ${episode.source} closed after ${duration(seconds)}, peak ${number(episode.peak_score)}`)
    }
  }
}

/** What a reconnection brought, in words. */
export function outcomeText({ events, gone, isNewStore }) {
  const caught = `caught up ${count(events)} ${events === 1 ? 'event' : 'events'}`
  if (isNewStore) return `The daemon has begun a new event store; ${caught}`
  if (gone > 0)
    return `${count(gone)} ${gone === 1 ? 'event is' : 'events are'} gone: they were deleted before they could be read; ${caught}`
  return events > 0 ? `Reconnected, ${caught}` : 'Reconnected, nothing was missed'
}
