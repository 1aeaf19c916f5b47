import { Series } from './series.js'

/** Episodes kept, the open ones always. */
const MOST_EPISODES = 500
/** Points kept of a source for its sparkline. */
const SPARK_POINTS = 600

/**
 * What the page knows, and who wants to hear of it: `state.on(topic, listener)` answers a function that ends it. Topics: hello, link,
 * status, sources, score, view, unsent, episodes (the list was fetched anew), and of events the type before the dot: episode, cluster,
 * drift, source, decision. A listener is given the message.
 */
export class State {
  constructor() {
    this.listeners = new Map()
    /** The first message of the latest connection. */
    this.hello = undefined
    /** The latest `status` message. */
    this.status = undefined
    /** By name: `{ name, series, last (score message), info (as in /v1/sources) }`. */
    this.sources = new Map()
    /** By id, as in the API. */
    this.episodes = new Map()
    this.windows = 0
  }

  on(topic, listener) {
    if (!this.listeners.has(topic)) this.listeners.set(topic, new Set())
    this.listeners.get(topic).add(listener)
    return () => this.listeners.get(topic).delete(listener)
  }

  emit(topic, ...values) {
    for (const listener of this.listeners.get(topic) ?? []) listener(...values)
  }

  /**
   * Waits for what the daemon was asked. Its answer may be older than what the stream tells before it arrives: that is to be put on top.
   * @returns `{ answer, heard }`: episodes that the stream told of meanwhile, by id, as it told them last
   */
  async hearing(asked) {
    const heard = new Map()
    const end = this.on('episode', ({ episode }) => heard.set(episode.id, episode))
    try {
      return { answer: await asked, heard }
    } finally {
      end()
    }
  }

  /** Takes a message of the stream in. */
  take(message) {
    const topic = message.type.split('.', 1)[0]
    if (topic === 'hello') this.hello = message
    else if (topic === 'status') this.status = message
    else if (topic === 'score') this.score(message)
    else if (topic === 'episode') this.episode(message.episode)
    if (topic === 'hello') for (const name of message.sources ?? []) this.source(name)
    this.emit(topic, message)
  }

  source(name) {
    let source = this.sources.get(name)
    if (!source) {
      source = { name, series: new Series(SPARK_POINTS), last: undefined, info: undefined }
      this.sources.set(name, source)
      this.emit('sources')
    }
    return source
  }

  score(message) {
    const source = this.source(message.source)
    source.series.push(message)
    source.last = message
    this.windows += message.windows ?? 1
  }

  /** Takes the daemon's list of sources. Those that it named before and does not now are gone. */
  setSources(infos) {
    const names = new Set(infos.map(each => each.name))
    for (const [name, { info }] of this.sources) if (info && !names.has(name)) this.sources.delete(name)
    for (const info of infos) this.source(info.name).info = info
    this.emit('sources')
  }

  /** Takes an episode in, unless what is known of it is newer. */
  episode(episode) {
    const before = this.episodes.get(episode.id)
    // The same input that is read again opens it anew, at another time.
    const isSame = before?.opened_at === episode.opened_at
    const isOlder =
      isSame && (before.windows > episode.windows || (before.state === 'closed' && episode.state === 'open'))
    if (isOlder) return
    // What it no longer has, a mute as an example, is gone; only the list knows its number.
    this.episodes.set(episode.id, { seq: before?.seq, ...episode })
    if (this.episodes.size > MOST_EPISODES) {
      const oldest = this.sortedEpisodes().at(-1)
      if (oldest.state === 'closed') this.episodes.delete(oldest.id)
    }
  }

  /** Those that are open as far as is known. */
  openEpisodes() {
    return [...this.episodes.values()].filter(each => each.state === 'open')
  }

  /** Takes the daemon's own list. What of `doubtful` it does not hold (any more) has been closed unseen. */
  setEpisodes(episodes, doubtful) {
    const known = new Set(episodes.map(each => each.id))
    for (const id of doubtful) if (!known.has(id)) this.episodes.delete(id)
    for (const episode of episodes) this.episode(episode)
    this.emit('episodes')
  }

  /** Open ones first, then the latest. */
  sortedEpisodes() {
    const rank = episode => (episode.state === 'open' ? 1 : 0)
    return [...this.episodes.values()].sort((a, b) => rank(b) - rank(a) || b.opened_at - a.opened_at)
  }
}
