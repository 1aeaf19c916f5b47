import { element, setText } from '../app/dom.js'
import { count, number, times } from '../app/format.js'
import { Recalibration } from './recalibration.js'
import { driftsOf, troublesOf } from './source-state.js'

const STATES = {
  waiting: 'waiting for its first window',
  running: 'running',
  down: 'down, it tries to get its feed back',
  handed_over: 'handed over to another daemon',
  ended: 'ended',
  failed: 'failed',
  stopped: 'stopped',
}

const sum = counts => Object.values(counts).reduce((a, b) => a + b, 0)
const reasons = counts => {
  const list = Object.entries(counts).map(([reason, n]) => `${reason.replaceAll('_', ' ')} ${count(n)}`)
  return list.length > 0 ? ` (${list.join(', ')})` : ''
}

/** How the feed of a source is, where its windows went, how its scores drift, and its calibration. */
export class SourceHealth {
  constructor(app) {
    this.app = app
    this.troubles = element('ul', { class: 'troubles' })
    this.facts = element('dl', { class: 'health-facts' })
    this.rows = new Map()
    this.account = element('p', { class: 'account small' })
    this.recalibration = new Recalibration(app)
    this.node = element(
      'section',
      { class: 'panel card health', 'aria-labelledby': 'health-title' },
      element('h3', { id: 'health-title' }, 'Health'),
      this.troubles,
      this.facts,
      this.account,
      this.recalibration.node,
    )
  }

  open(source) {
    this.source = source
    this.end = this.app.state.on('sources', () => this.show())
    this.recalibration.open(source)
    this.show()
  }

  close() {
    this.end()
    this.recalibration.close()
  }

  show() {
    const info = this.app.state.sources.get(this.source)?.info
    if (!info) return
    this.troubles.replaceChildren(
      ...troublesOf(info).map(({ text, message }) =>
        element('li', {}, element('b', { class: 'trouble-name' }, text), message ? `: ${message}` : ''),
      ),
    )
    this.put('State', info.reason ? `${STATES[info.state]}: ${info.reason}` : (STATES[info.state] ?? info.state))
    this.put(
      'Episodes since the start',
      `${count(info.episodes)}${info.muted_episodes ? `, ${count(info.muted_episodes)} muted` : ''}`,
    )
    this.put('Gaps in the data', count(info.gaps))
    this.put('Restarts of the feed', count(info.restarts))
    this.put('Late windows', count(info.late))
    this.put('Waiting at the origin', info.lag === undefined ? undefined : count(info.lag))
    this.put('Waiting to be scored', count(info.queued))
    this.put('Suppressed in a cool-down', info.suppressed ? count(info.suppressed) : undefined)
    this.put('Drift', driftText(info.drift))
    setText(
      this.account,
      `${count(info.received)} received = ${count(info.scored)} scored + ${count(sum(info.dropped))} dropped${reasons(info.dropped)} + ${count(sum(info.failed))} failed${reasons(info.failed)} + ${count(info.in_flight)} in flight`,
    )
  }

  put(name, text) {
    let row = this.rows.get(name)
    if (!row) {
      row = { value: element('dd') }
      row.node = element('div', {}, element('dt', {}, name), row.value)
      this.rows.set(name, row)
      this.facts.append(row.node)
    }
    row.node.hidden = text === undefined
    setText(row.value, text ?? '')
  }
}

function driftText(drift) {
  if (!drift) return undefined
  const on = driftsOf({ drift })
  const level = drift.level === undefined ? '' : `, level ${number(drift.level)}`
  const factor = drift.factor === 1 ? '' : `, a level ${times(drift.factor)} the old one is the new normal`
  return `${on.length > 0 ? on.join(', ') : 'none'} (PSI ${number(drift.psi)}${level}${factor})`
}
