import { element, setText } from '../app/dom.js'
import { duration, moment, number, times } from '../app/format.js'
import { episodeHref, lasted, stateText } from './words.js'

/** One episode in a list, a link to its page. */
export class EpisodeRow {
  constructor({ id }) {
    this.state = element('span', { class: 'pill' })
    this.source = element('span', { class: 'episode-source' })
    this.badges = element('span', { class: 'episode-badges' })
    this.why = element('span', { class: 'episode-why' })
    this.like = element('span', { class: 'episode-like' })
    this.since = element('span')
    this.lasted = element('span')
    this.peak = element('b')
    const fact = (name, label, node) =>
      element('span', { class: name }, element('span', { class: 'fact-name' }, label), ' ', node)
    this.link = element(
      'a',
      { class: 'episode', href: episodeHref(id) },
      element('span', { class: 'episode-state' }, this.state),
      element('span', { class: 'episode-what' }, this.source, ' ', this.badges, this.why),
      this.like,
      fact('episode-since', 'since', this.since),
      fact('episode-lasted', 'lasted', this.lasted),
      fact('episode-peak', 'peak', this.peak),
    )
    this.node = element('li', { 'data-episode': id }, this.link)
  }

  /** @param head how far its source has come, ms @param labels what clusters are called */
  fill(episode, head, labels) {
    const { state, source, explanation, cluster, acknowledged, muted } = episode
    this.node.dataset.state = state
    this.node.dataset.muted = String(muted !== undefined)
    setText(this.state, stateText(episode))
    setText(this.source, source)
    setText(this.why, explanation?.summary ?? (state === 'open' ? 'being explained…' : ''))
    setText(this.like, cluster ? labels.name(cluster) : '')
    this.like.title = cluster ? `cluster ${cluster.id}` : ''
    setText(this.since, moment(episode.opened_at))
    setText(this.lasted, duration(lasted(episode, head)))
    setText(this.peak, times(episode.peak_score / episode.threshold))
    this.peak.title = `score ${number(episode.peak_score)}, threshold ${number(episode.threshold)}`
    this.badge('seen', acknowledged && `seen by ${acknowledged.who}`, acknowledged?.note)
    this.badge('muted', muted && (muted.reason === 'false_alarm' ? 'false alarm' : 'muted'), muted?.id)
  }

  badge(name, text, title = '') {
    let badge = this.badges.querySelector(`[data-badge=${name}]`)
    if (!text) return badge?.remove()
    if (!badge) {
      badge = element('span', { class: 'mark', 'data-badge': name })
      this.badges.append(badge)
    }
    setText(badge, text)
    badge.title = title
  }
}
