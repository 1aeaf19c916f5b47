import { byId, setText } from './dom.js'
import { outcomeText } from './feed.js'
import { count } from './format.js'

/** Without a message for so long a live connection is called quiet. */
const QUIET_MS = 5000
const BANNER_MS = 10_000
/** So long it is said that scores were left out. */
const SLOW_MS = 5000

/** The badge that says how the connection is, the note of what a reconnection brought, and the name of the model. */
export class LinkView {
  constructor(app) {
    this.app = app
    this.lastScoreAt = 0
    this.slow = { at: Number.NEGATIVE_INFINITY, scores: 0 }
  }

  start() {
    const { state, connection } = this.app
    byId('retry').addEventListener('click', () => connection.retry())
    byId('banner')
      .querySelector('button')
      .addEventListener('click', () => this.hideBanner())
    addEventListener('online', () => connection.retry())
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) connection.retry()
    })
    state.on('link', () => this.show())
    state.on('hello', message => this.greet(message))
    state.on('score', () => {
      this.lastScoreAt = performance.now()
    })
    state.on('unsent', ({ scores }) => {
      this.slow = { at: performance.now(), scores }
      this.show()
    })
    for (const topic of ['episode', 'episodes']) state.on(topic, () => this.showOpen())
    setInterval(() => this.show(), 500)
  }

  greet({ name, version }) {
    setText(byId('bundle'), name)
    byId('bundle').title = version ? `Model ${name}, Auscult ${version}` : name
  }

  show() {
    const { link, position } = this.app.connection
    const badge = byId('connection')
    const now = performance.now()
    const left = Math.max(0, Math.ceil((link.retryAt - now) / 1000))
    const isQuiet = link.state === 'live' && this.lastScoreAt > 0 && now - this.lastScoreAt > QUIET_MS
    const isBehind = link.state === 'live' && position.behind > 0
    const isSlow = now - this.slow.at < SLOW_MS
    badge.dataset.state = isBehind || isSlow ? 'behind' : isQuiet ? 'quiet' : link.state
    if (link.state !== 'live') badge.dataset.state = link.state
    badge.title = link.reason ?? ''
    const slow = `Slow connection, ${count(this.slow.scores)} scores left out`
    const quiet = isQuiet ? 'Connected, no new windows' : 'Live'
    const texts = {
      connecting: 'Connecting…',
      live: isBehind ? `Catching up, ${count(position.behind)} to go` : isSlow ? slow : quiet,
      waiting: left ? `Disconnected, retry in ${left} s` : 'Disconnected, retrying…',
    }
    setText(badge, texts[link.state])
    byId('retry').hidden = link.state !== 'waiting'
    document.body.dataset.link = link.state
    if (position.outcome && position.settled) this.showOutcome(position)
  }

  showOutcome(position) {
    const { outcome } = position
    position.outcome = undefined
    const banner = byId('banner')
    setText(banner.firstElementChild, outcomeText(outcome))
    banner.dataset.kind = outcome.gone > 0 || outcome.isNewStore ? 'warn' : 'good'
    banner.hidden = false
    clearTimeout(this.bannerTimer)
    // What is gone stays until somebody has seen it.
    if (banner.dataset.kind === 'good') this.bannerTimer = setTimeout(() => this.hideBanner(), BANNER_MS)
  }

  hideBanner() {
    byId('banner').hidden = true
  }

  showOpen() {
    const open = this.app.state.openEpisodes().length
    const badge = byId('tab-open')
    badge.hidden = open === 0
    setText(badge, open > 0 ? String(open) : '')
    badge.setAttribute('aria-label', `${open} open`)
  }
}
