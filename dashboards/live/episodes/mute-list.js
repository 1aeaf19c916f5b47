import { button, element, reconcile, setText } from '../app/dom.js'
import { Labels } from './labels.js'
import { episodeHref, meantBy, plural, relative, untilText } from './words.js'

const TICK_MS = 15_000
const SOON_MS = 200
const ACTIONS = ['muted', 'unmuted', 'mute.expired', 'false_alarm', 'cluster.labelled']

/** What is muted now, each with a button that ends it. Hidden where nothing is. */
export class MuteList {
  /** @param {{ source?: string }} options of this source only */
  constructor(app, { source } = {}) {
    this.app = app
    this.source = source
    this.labels = Labels.of(app)
    this.mutes = []
    this.rows = new Map()
    this.ends = []
    this.list = element('ul', { class: 'mute-list panel' })
    this.node = element(
      'section',
      { class: 'mutes', 'aria-label': 'Muted', hidden: true },
      element('div', { class: 'bar' }, element('h2', {}, 'Muted now')),
      element('p', { class: 'muted mutes-hint' }, 'These episodes are kept and listed, but alert nobody.'),
      this.list,
    )
  }

  open() {
    if (this.ends.length > 0) return
    const { state } = this.app
    const tick = setInterval(() => this.draw(), TICK_MS)
    this.ends = [
      state.on('hello', () => this.refresh()),
      state.on('decision', ({ action }) => ACTIONS.includes(action) && this.soon()),
      state.on('episode', ({ type }) => type === 'episode.muted' && this.soon()),
      this.labels.on(() => this.draw()),
      () => clearInterval(tick),
    ]
    void this.refresh()
  }

  close() {
    for (const end of this.ends) end()
    this.ends = []
  }

  soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      void this.refresh()
    }, SOON_MS)
  }

  async refresh() {
    try {
      const { mutes } = await this.app.api.get('v1/mutes')
      this.mutes = mutes
      this.onRefresh?.(mutes)
    } catch {
      // What was known stays; the next greeting asks again.
    }
    this.draw()
  }

  draw() {
    const { source } = this
    const shown = source === undefined ? this.mutes : this.mutes.filter(each => each.source === source)
    this.node.hidden = shown.length === 0
    reconcile(
      this.list,
      this.rows,
      shown,
      each => each.id,
      each => this.make(each),
      (row, each) => this.fill(row, each),
    )
  }

  make({ id, episode_id: episode }) {
    const what = element('b', { class: 'mute-what' })
    const until = element('span')
    const by = element('span', { class: 'muted' })
    const end = button('End', () => endMute(this.app, id, this.labels, end), { 'data-mute': id })
    const why = episode && element('a', { href: episodeHref(episode) }, 'the false alarm')
    const about = element('span', { class: 'mute-about' }, until, by, why)
    return { node: element('li', { class: 'mute' }, element('div', {}, what, about), end), what, until, by, end }
  }

  fill({ what, until, by, end }, mute) {
    const name = meantBy(mute, id => this.labels.name({ id }))
    const counted = plural(mute.episodes, 'episode')
    setText(what, name)
    setText(until, untilText(mute))
    setText(by, `${mute.who}, ${relative(mute.at)}${mute.note ? `: ${mute.note}` : ''} · ${counted} muted`)
    end.setAttribute('aria-label', `End the mute of ${name}`)
  }
}

/** Ends a mute, and says so. @returns whether it did */
export async function endMute(app, id, labels, control) {
  if (control) control.disabled = true
  try {
    const mute = await app.api.delete(`v1/mutes/${encodeURIComponent(id)}`)
    app.toast(`No longer muted: ${meantBy(mute, cluster => labels.name({ id: cluster }))}`, 'good')
    return true
  } catch (error) {
    app.toast(error, 'bad')
    return false
  } finally {
    if (control) control.disabled = false
  }
}
