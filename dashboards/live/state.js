import { Series } from './series.js'

/** Episodes kept, the open ones always. */
const MOST_EPISODES = 200

/** What the page knows: series by source, episodes by id, counts. */
export class State {
  constructor() {
    this.series = new Map()
    this.episodes = new Map()
    this.windows = 0
    this.head = 0
  }

  score(message) {
    let series = this.series.get(message.source)
    if (!series) {
      series = new Series(message.source)
      this.series.set(message.source, series)
    }
    series.push(message)
    this.windows++
    this.head = Math.max(...[...this.series.values()].map(each => each.lastEnd ?? 0))
  }

  /** Takes an episode in, unless what is known of it is newer. @returns what it was before */
  episode(episode) {
    const before = this.episodes.get(episode.id)
    if (before && (before.state === 'closed' || before.windows > episode.windows)) return before
    this.episodes.set(episode.id, episode)
    if (this.episodes.size > MOST_EPISODES) {
      const oldest = this.sorted().at(-1)
      if (oldest.state === 'closed') this.episodes.delete(oldest.id)
    }
    return before
  }

  /** Ids of the episodes that are open as far as is known. */
  openIds() {
    return [...this.episodes.values()].filter(each => each.state === 'open').map(each => each.id)
  }

  /** Takes the daemon's own list. What of `doubtful` it does not hold (any more) has been closed unseen. */
  replace(episodes, doubtful) {
    const known = new Set(episodes.map(each => each.id))
    for (const id of doubtful) if (!known.has(id)) this.episodes.delete(id)
    for (const episode of episodes) this.episode(episode)
  }

  /** Open ones first, then the latest. */
  sorted() {
    const rank = episode => (episode.state === 'open' ? 1 : 0)
    return [...this.episodes.values()].sort((a, b) => rank(b) - rank(a) || b.opened_at - a.opened_at)
  }
}
