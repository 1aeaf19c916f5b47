import { element, setText } from '../app/dom.js'
import { count, number, times } from '../app/format.js'
import { ColourBar } from './colour-bar.js'
import { Curves } from './curves.js'
import { decode } from './decode.js'
import { Frames } from './frames.js'
import { Waterfall } from './waterfall.js'

/** Scores come, but no picture of them for so long: there is none. */
const PATIENCE_MS = 10_000
/** Pictures over which it is reckoned how many windows are left out. */
const MEMORY = 20

const dark = matchMedia('(prefers-color-scheme: dark)')

/**
 * What a source gives, what the model expected, and the difference, as it comes. `new LiveView(app)`, `node`, `open(source)`, `close()`; `setPaused`
 * holds it still.
 */
export class LiveView {
  constructor(app) {
    this.app = app
    this.heat = new ColourBar('heat')
    this.difference = new ColourBar('difference')
    this.title = element('h3', {}, 'What the model sees')
    this.score = element('p', { class: 'pictures-score' })
    this.place = element('div', { class: 'pictures-place' })
    this.mark = element('span', {}, element('i', { class: 'pictures-mark' }), 'Anomalous')
    this.bars = element(
      'div',
      { class: 'pictures-bars', hidden: true },
      element('span', {}, 'Value ', this.heat.node),
      element('span', {}, 'Difference ', this.difference.node),
      this.mark,
    )
    this.reading = element('div', { class: 'pictures-under' })
    this.note = element('p', { class: 'pictures-note', role: 'status' })
    this.node = element(
      'section',
      { class: 'pictures panel', 'aria-label': 'Live pictures' },
      element('div', { class: 'pictures-head' }, this.title, this.score),
      this.place,
      element('div', { class: 'pictures-foot' }, this.bars, this.reading),
      this.note,
    )
    this.onVisibility = () => this.subscribe()
    this.onTheme = () => this.recolour()
  }

  /** Shows a source by its name. */
  open(source) {
    this.close()
    this.source = source
    this.isPaused = false
    this.shares = []
    this.openedAt = performance.now()
    this.scoreAt = undefined
    this.ends = [
      this.app.state.on('view', view => this.take(view)),
      this.app.state.on('score', score => this.heardScore(score)),
      this.app.state.on('link', () => this.tell()),
    ]
    document.addEventListener('visibilitychange', this.onVisibility)
    dark.addEventListener('change', this.onTheme)
    this.timer = setInterval(() => this.tell(), 1000)
    this.subscribe()
    this.tell()
  }

  close() {
    if (this.source === undefined) return
    this.source = undefined
    for (const end of this.ends) end()
    this.unwatch?.()
    this.unwatch = undefined
    clearInterval(this.timer)
    document.removeEventListener('visibilitychange', this.onVisibility)
    dark.removeEventListener('change', this.onTheme)
    this.picture?.close()
    this.picture = undefined
    this.axes = undefined
    this.place.replaceChildren()
    this.reading.replaceChildren()
    this.bars.hidden = true
    setText(this.score, '')
  }

  /** Holds the picture still; nothing is sent meanwhile. */
  setPaused(isPaused) {
    this.isPaused = isPaused
    this.subscribe()
    this.tell()
  }

  /** Pictures are sent while somebody can see them. */
  subscribe() {
    const isWanted = this.source !== undefined && !this.isPaused && !document.hidden
    if (isWanted === Boolean(this.unwatch)) return
    if (isWanted) {
      this.unwatch = this.app.connection.watch({ view: [this.source] })
      this.openedAt = performance.now()
      return
    }
    this.unwatch()
    this.unwatch = undefined
  }

  take(message) {
    if (message.source !== this.source || this.isPaused) return
    this.axes = message.axes ?? this.axes
    if (!this.axes) return
    const view = decode(message)
    this.choose(message)
    this.picture.take(view, this.axes)
    this.takenAt = performance.now()
    this.shares.push(message.skipped)
    if (this.shares.length > MEMORY) this.shares.shift()
    this.show(message)
  }

  /** A spectrogram goes on through its windows; others are shown one at a time. */
  choose({ rows, duration }) {
    const isSound = this.axes.x.unit === 's' && rows > 1 && duration > 0
    const Kind = isSound ? Waterfall : rows > 1 ? Frames : Curves
    if (this.picture instanceof Kind) return
    this.picture?.close()
    this.picture = new Kind()
    this.mark.hidden = !isSound
    setText(this.title, isSound ? 'What the model hears' : 'What the model sees')
    this.place.replaceChildren(this.picture.node)
    this.reading.replaceChildren(...(this.picture.reading ? [this.picture.reading] : []))
    this.picture.open()
  }

  show({ score, threshold, anomalous, unit }) {
    setText(this.score, `${number(score)} · ${times(score / threshold)} threshold`)
    this.score.dataset.anomalous = String(anomalous)
    this.picture.node.setAttribute('aria-label', this.description(score / threshold, anomalous))
    const { ranges } = this.picture
    this.bars.hidden = !ranges
    if (ranges) {
      const shown = unit === 'value' ? '' : unit
      this.heat.show({ ...ranges.heat, unit: shown })
      this.difference.show({ ...ranges.difference, unit: shown })
    }
    this.tell()
  }

  description(ratio, anomalous) {
    const what = this.picture instanceof Waterfall ? 'Spectrograms' : 'The latest window'
    const state = anomalous ? 'above' : 'below'
    return `${what} of ${this.source}: what came, what was expected, and the difference. Latest score ${times(ratio)} threshold, ${state} it. Arrow keys read values.`
  }

  heardScore({ source }) {
    if (source === this.source) this.scoreAt ??= performance.now()
  }

  /** Says why there is no picture, or that not all windows are shown. */
  tell() {
    const text = this.reason()
    setText(this.note, text)
    this.note.hidden = text === ''
  }

  reason() {
    if (this.isPaused) return 'Paused.'
    if (this.app.connection.link?.state === 'waiting')
      return 'Disconnected. The picture goes on when the daemon is back.'
    if (!this.picture) {
      const now = performance.now()
      const isVain = this.scoreAt !== undefined && now - Math.max(this.scoreAt, this.openedAt) > PATIENCE_MS
      return isVain
        ? 'Windows are scored, but the daemon sends no pictures of this source: its model has none, or the daemon has no time for them.'
        : 'Waiting for the next window…'
    }
    const skipped = this.shares.reduce((sum, n) => sum + n, 0)
    const windows = skipped + this.shares.length
    if (this.shares.length < 3 || skipped < 0.05 * windows) return ''
    return `${count(this.shares.length)} of the latest ${count(windows)} windows are shown. Scoring comes first.`
  }

  recolour() {
    this.picture?.recolour()
    this.heat.draw()
    this.difference.draw()
  }
}
