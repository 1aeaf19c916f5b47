import { element, setText } from '../app/dom.js'
import { count, duration, moment, number, times } from '../app/format.js'

const REASONS = {
  source_ended: 'source ended',
  source_failed: 'source failed',
  stopped: 'daemon stopped',
  interrupted: 'interrupted',
}

/** The list of episodes. Rows are kept and moved, so that what is selected or read stays. */
export class EpisodeList {
  constructor(list) {
    this.list = list
    this.rows = new Map()
  }

  /**
   * @param episodes in the order to show
   * @param latest time of the newest score by source, ms: how far open episodes have come
   * @param sampleRate samples a second of sound, undefined for frames
   */
  show(episodes, latest, sampleRate) {
    this.sampleRate = sampleRate
    const wanted = new Set(episodes.map(each => each.id))
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue
      row.node.remove()
      this.rows.delete(id)
    }
    episodes.forEach((episode, i) => {
      const row = this.rows.get(episode.id) ?? this.add(episode)
      this.fill(row, episode, latest(episode.source))
      if (this.list.children[i] !== row.node) this.list.insertBefore(row.node, this.list.children[i] ?? null)
    })
  }

  add(episode) {
    const cell = (name, label) =>
      element(
        'span',
        { class: name },
        ...(label ? [element('span', { class: 'label' }, `${label} `)] : []),
        element('b'),
      )
    const cells = {
      state: cell('pill'),
      source: cell('from', 'Source'),
      since: cell('since', 'Since'),
      lasted: cell('lasted', 'Lasted'),
      peak: cell('peak', 'Peak'),
      where: cell('where', 'Where'),
    }
    const node = element('li', { class: 'row', 'data-episode': episode.id }, ...Object.values(cells))
    const row = { node, cells }
    this.rows.set(episode.id, row)
    return row
  }

  fill({ node, cells }, episode, latest) {
    const open = episode.state === 'open'
    const end = episode.closed_at ?? Math.max(episode.last_at, latest)
    node.dataset.state = episode.state
    const put = (name, text) => setText(cells[name].lastChild, text)
    put('state', open ? 'open' : (REASONS[episode.close_reason] ?? 'closed'))
    put('source', episode.source)
    put('since', moment(episode.opened_at))
    put('lasted', duration((end - episode.opened_at) / 1000))
    put('peak', `${number(episode.peak_score)} (${times(episode.peak_score / episode.threshold)})`)
    const place = this.sampleRate ? `at ${duration(episode.offset / this.sampleRate)}` : `#${count(episode.offset)}`
    put('where', `${episode.stream.split('/').at(-1)} ${place}`)
    cells.where.title = `${episode.stream}, offset ${episode.offset}`
  }
}
