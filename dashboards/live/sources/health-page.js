import { element, reconcile, setText } from '../app/dom.js'
import { count, duration } from '../app/format.js'
import { Figures, latency, rate } from './figures.js'

const POLL_MS = 3000

/** How the daemon itself is: its parts, what it gets done, who listens. */
export class HealthPage {
  constructor(app) {
    this.app = app
    this.rows = new Map()
    this.figures = new Figures('What it gets done', {
      rate: 'Windows a second',
      p50: 'Latency, half within',
      p99: 'Latency, 99 % within',
      queued: 'Waiting to be scored',
    })
    this.verdict = element('p', { class: 'verdict', role: 'status' })
    this.parts = element('ul', { class: 'parts' })
    this.facts = element('dl', { class: 'health-facts' })
    this.account = element('p', { class: 'account' })
    this.values = new Map()
    this.fallbacks = 0
    this.node = element(
      'div',
      { class: 'page health-page' },
      this.figures.node,
      element(
        'section',
        { 'aria-labelledby': 'parts-title' },
        element('div', { class: 'bar' }, element('h2', { id: 'parts-title' }, 'Parts'), this.verdict),
        element('div', { class: 'panel' }, this.parts),
      ),
      element(
        'section',
        { 'aria-labelledby': 'daemon-title' },
        element('div', { class: 'bar' }, element('h2', { id: 'daemon-title' }, 'Daemon')),
        element('div', { class: 'panel card' }, this.facts, this.account),
      ),
    )
  }

  open() {
    this.ends = [
      this.app.state.on('status', () => this.showStatus()),
      this.app.state.on('link', () => this.showLink()),
      this.app.state.on('hello', () => this.poll()),
    ]
    this.polling = setInterval(() => this.poll(), POLL_MS)
    this.showStatus()
    this.poll()
  }

  close() {
    for (const end of this.ends) end()
    clearInterval(this.polling)
  }

  async poll() {
    const { api } = this.app
    try {
      const [ready, health] = await Promise.all([api.get('readyz'), api.get('healthz')])
      this.showParts(ready)
      this.put('Up for', duration(health.uptime_seconds))
    } catch {
      this.showLink()
    }
  }

  showLink() {
    if (this.app.connection.link.state === 'waiting') this.judge('bad', 'The daemon cannot be reached')
  }

  judge(kind, text) {
    this.verdict.dataset.kind = kind
    setText(this.verdict, text)
  }

  showParts({ status, components }) {
    const entries = Object.entries(components).sort(([, a], [, b]) => Number(a.ok) - Number(b.ok))
    const bad = entries.filter(([, { ok }]) => !ok).length
    const text = bad === 1 ? 'One part does not work' : `${count(bad)} parts do not work`
    const lost = this.fallbacks > 0
    if (status === 'ready' && lost) this.judge('warn', 'Everything works, but a GPU was lost: the CPU computes instead')
    else this.judge(status === 'ready' ? 'good' : 'bad', bad > 0 ? text : 'Everything works')
    reconcile(
      this.parts,
      this.rows,
      entries,
      ([name]) => name,
      ([name]) => makeRow(name),
      (row, [name, { ok, reason }]) => {
        const hasFallenBack = ok && lost && name === 'scorer'
        row.node.dataset.ok = String(ok)
        row.node.dataset.lost = String(hasFallenBack)
        row.state.dataset.state = hasFallenBack ? 'trouble' : ok ? 'normal' : 'down'
        setText(row.state, hasFallenBack ? 'GPU lost' : ok ? 'ok' : 'not ok')
        setText(row.reason, reason)
      },
    )
  }

  showStatus() {
    const { status, hello } = this.app.state
    this.put('Model', hello?.name)
    this.put('Version', hello?.version)
    if (!status) return
    this.figures.put('rate', rate(status.rate))
    this.figures.put('p50', latency(status.latency.p50))
    this.figures.put('p99', latency(status.latency.p99))
    this.figures.put('queued', count(status.queued))
    this.put('Scorer threads', byDevice(status.devices))
    // /readyz has the reason.
    if (status.fallbacks !== this.fallbacks) this.poll()
    this.fallbacks = status.fallbacks
    this.put('Sources', count(status.sources))
    this.put('Open episodes', count(status.episodes_open))
    this.put('Pages and programs that listen', count(status.clients))
    setText(
      this.account,
      `${count(status.received)} windows received = ${count(status.scored)} scored + ${count(status.dropped)} dropped + ${count(status.failed)} failed + ${count(status.in_flight)} in flight`,
    )
  }

  put(name, text) {
    if (text === undefined) return
    let value = this.values.get(name)
    if (!value) {
      value = element('dd')
      this.values.set(name, value)
      this.facts.append(element('div', {}, element('dt', {}, name), value))
    }
    setText(value, text)
  }
}

/** `3 on webgpu`; `2 on cpu, 1 on webgpu` */
const byDevice = devices =>
  Object.entries(devices)
    .map(([device, threads]) => `${count(threads)} on ${device}`)
    .join(', ')

function makeRow(name) {
  const row = { state: element('span', { class: 'state' }), reason: element('span', { class: 'muted' }) }
  row.node = element('li', { 'data-part': name }, row.state, element('b', { class: 'part-name' }, name), row.reason)
  return row
}
