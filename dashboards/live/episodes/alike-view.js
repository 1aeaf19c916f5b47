import { element, reconcile, setText } from '../app/dom.js'
import { moment, number } from '../app/format.js'
import { EpisodeRow } from './episode-row.js'
import { Labels } from './labels.js'
import { headOf, ordinal } from './words.js'

const MOST = 5

/** Have we seen this before? The cluster of an episode, and the latest others of it. */
export class AlikeView {
  constructor(app) {
    this.app = app
    this.labels = Labels.of(app)
    this.rows = new Map()
    this.name = element('b')
    this.facts = element('p', { class: 'muted' })
    this.near = element('i', { class: 'near-dot' })
    this.nearText = element('span', { class: 'muted' })
    this.list = element('ul', { class: 'episode-list' })
    this.more = element('a', {}, 'All of them')
    this.windows = element('ul', { class: 'exemplars' })
    this.exemplars = element('details', {}, element('summary', {}, 'Windows most like it, to compare'), this.windows)
    this.node = element(
      'section',
      { class: 'panel evidence-part', hidden: true },
      element('h3', {}, 'Seen before?'),
      element('p', {}, this.name, ' ', this.more),
      this.facts,
      element(
        'div',
        { class: 'near' },
        element('span', { class: 'near-track', 'aria-hidden': 'true' }, this.near),
        this.nearText,
      ),
      this.list,
      this.exemplars,
    )
  }

  show(episode) {
    const { cluster } = episode
    this.node.hidden = !cluster
    if (!cluster) return
    this.episode = episode
    setText(this.name, this.labels.name(cluster))
    this.more.href = `#/history?cluster=${cluster.id}`
    setText(this.facts, factsText(cluster))
    const share = cluster.radius > 0 ? cluster.distance / cluster.radius : 0
    this.near.style.left = `${Math.min(100, share * 66.7)}%`
    this.near.dataset.out = String(share > 1)
    const where = share > 1 ? 'outside its radius' : 'within its radius'
    setText(this.nearText, `distance ${number(cluster.distance)}, ${where} of ${number(cluster.radius)}`)
    this.windows.replaceChildren(...cluster.exemplars.map(each => element('li', {}, each)))
    this.exemplars.hidden = cluster.exemplars.length === 0
    const key = `${episode.id} ${cluster.id} ${episode.state}`
    if (key !== this.key) void this.fetch(key, episode)
    else this.draw()
  }

  async fetch(key, { id, cluster }) {
    this.key = key
    try {
      const { episodes } = await this.app.api.get('v1/episodes', { cluster: cluster.id, limit: MOST + 1 })
      if (key !== this.key) return
      this.others = episodes.filter(each => each.id !== id).slice(0, MOST)
      this.draw()
    } catch {
      // The next change of the episode asks again.
      this.key = undefined
    }
  }

  draw() {
    reconcile(
      this.list,
      this.rows,
      this.others ?? [],
      each => each.id,
      each => new EpisodeRow(each),
      (row, each) => row.fill(each, headOf(this.app.state, each.source), this.labels),
    )
  }

  close() {
    this.key = undefined
    this.others = undefined
  }
}

function factsText({ id, episodes, first_at: first, last_at: last, born }) {
  const kind = born === undefined ? 'known from training' : 'found while running'
  if (first === undefined) return `Cluster ${id}, ${kind}. This is its first episode.`
  return `Cluster ${id}, ${kind}. This was its ${ordinal(episodes)} episode; the first was at ${moment(first)}, the last before at ${moment(last)}.`
}
