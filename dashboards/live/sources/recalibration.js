import { button, element, setText } from '../app/dom.js'
import { count, number, times } from '../app/format.js'

/** Calibrating a source from its own normal windows: first what would come of it, then, if that is wanted, for good; and taking it back. */
export class Recalibration {
  constructor(app) {
    this.app = app
    this.start = button('Recalibrate…', () => this.look(false))
    this.back = button('Revert…', () => this.askRevert(), { class: 'quiet' })
    this.body = element('div', { class: 'recalibration', role: 'status' })
    this.node = element(
      'div',
      { class: 'recalibrate' },
      element('div', { class: 'actions' }, this.start, this.back),
      this.body,
    )
  }

  open(source) {
    this.source = source
    this.clear()
  }

  close() {
    this.source = undefined
  }

  clear() {
    this.body.replaceChildren()
  }

  path(action) {
    return `v1/sources/${encodeURIComponent(this.source)}/${action}`
  }

  /** Does `work` once, its buttons off meanwhile. What it answers is dropped when another source is shown by then. */
  async attempt(work, onError) {
    const { source } = this
    const buttons = [...this.node.querySelectorAll('button')]
    for (const each of buttons) each.disabled = true
    try {
      const answer = await work()
      return source === this.source ? answer : undefined
    } catch (error) {
      if (source === this.source) onError(error)
      return undefined
    } finally {
      for (const each of buttons) each.disabled = false
    }
  }

  /** A dry run. */
  async look(force) {
    setText(this.body, 'Looking at its normal windows…')
    const answer = await this.attempt(
      () => this.app.api.post(this.path('recalibrate'), { dry_run: true, force }),
      error => this.refuse(error, force),
    )
    if (answer) this.propose(answer.report, force)
  }

  refuse(error, force) {
    const isTooLarge = error.status === 409 && !force && /factor|force/i.test(`${error.message} ${error.remedy}`)
    this.body.replaceChildren(
      element('p', { class: 'problem' }, `${error.message}.`),
      error.remedy ? element('p', { class: 'muted small' }, error.remedy) : '',
      element(
        'div',
        { class: 'actions' },
        isTooLarge && button('Look at it all the same', () => this.look(true)),
        button('Close', () => this.clear(), { class: 'quiet' }),
      ),
    )
  }

  propose(report, force) {
    const row = (name, side) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, name),
        ...[count(side.windows), number(side.median), number(side.percentile_99), number(side.threshold)].map(text =>
          element('td', {}, text),
        ),
      )
    this.body.replaceChildren(
      element(
        'p',
        {},
        `The threshold would become ${number(report.after.threshold)}, ${times(report.factor)} what it is.`,
      ),
      element(
        'table',
        {},
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ['', 'Windows', 'Median', '99 %', 'Threshold'].map(text => element('th', { scope: 'col' }, text)),
          ),
        ),
        element('tbody', {}, row('Now', report.before), row('Then', report.after)),
      ),
      report.trimmed > 0 ? element('p', { class: 'muted small' }, `${count(report.trimmed)} outliers left out.`) : '',
      element(
        'div',
        { class: 'actions' },
        button('Recalibrate', () => this.apply(force), { class: force ? 'danger' : 'primary' }),
        button('Cancel', () => this.clear()),
      ),
    )
  }

  async apply(force) {
    const answer = await this.attempt(
      () => this.app.api.post(this.path('recalibrate'), { force }),
      error => this.refuse(error, force),
    )
    if (!answer) return
    this.clear()
    this.app.toast(
      `${answer.source} is calibrated anew, its threshold is ${number(answer.report.after.threshold)}.`,
      'good',
    )
  }

  askRevert() {
    this.body.replaceChildren(
      element('p', {}, 'Take the latest recalibration of this source back?'),
      element(
        'div',
        { class: 'actions' },
        button('Take it back', () => this.revert(), { class: 'primary' }),
        button('Cancel', () => this.clear()),
      ),
    )
  }

  async revert() {
    const answer = await this.attempt(
      () => this.app.api.post(this.path('revert')),
      error => this.refuse(error, true),
    )
    if (!answer) return
    this.clear()
    this.app.toast(
      `The calibration before is back, the threshold is ${number(answer.after)}; ${count(answer.left)} more steps back.`,
      'good',
    )
  }
}
