import { button, element, field, setText } from '../app/dom.js'
import { count, number } from '../app/format.js'
import { countAbove, inForce } from './thresholds.js'

const STEPS = 1000
/** The slider reaches from a tenth of the threshold to ten times it. */
const REACH = Math.log(10)
/** A threshold is set so long after the last movement: arrow keys move more than once. */
const SETTLE_MS = 400
const DIGITS = 4

/**
 * The threshold of a source, on a logarithmic slider and as a number: while it is moved the chart shows where it would be and how many of the
 * windows shown would be above; let go it is set at once.
 */
export class ThresholdPanel {
  /**
   * @param onPreview called with the threshold that is tried, undefined when none is
   * @param shown answers the series and the time that the chart shows: `{ series, from, to }`
   */
  constructor(app, { onPreview, shown }) {
    this.app = app
    this.onPreview = onPreview
    this.shown = shown
    this.slider = element('input', {
      type: 'range',
      min: 0,
      max: STEPS,
      step: 1,
      class: 'threshold-slider',
      oninput: () => this.tryOut(this.valueAt(Number(this.slider.value))),
      onchange: () => this.settle(),
    })
    this.number = element('input', {
      type: 'number',
      min: 0,
      step: 'any',
      inputmode: 'decimal',
      oninput: () => this.tryOut(Number(this.number.value)),
      onchange: () => this.settle(),
      onblur: () => this.showNumber(),
    })
    this.effect = element('p', { class: 'effect', role: 'status' })
    this.policy = element('p', { class: 'muted small' })
    this.reset = button('Back to the policy', () => this.giveUp(), { hidden: true })
    this.node = element(
      'section',
      { class: 'panel card threshold', 'aria-labelledby': 'threshold-title' },
      element('h3', { id: 'threshold-title' }, 'Threshold'),
      element(
        'div',
        { class: 'threshold-controls' },
        field('Slide, it is set when you let go', this.slider),
        field('Score', this.number),
      ),
      this.effect,
      this.policy,
      element('div', { class: 'actions' }, this.reset),
    )
  }

  open(source) {
    this.source = source
    this.value = undefined
    this.tried = undefined
    setText(this.policy, '')
    this.fetchPolicy()
    this.ends = [
      this.app.state.on('score', message => message.source === source && this.hear(message.threshold)),
      this.app.state.on('decision', () => this.fetchPolicy()),
      this.app.state.on('hello', () => this.fetchPolicy()),
    ]
    this.ticking = setInterval(() => this.showEffect(), 500)
    const known = this.app.state.source(source)
    const threshold = known.last?.threshold ?? known.info?.threshold
    if (threshold !== undefined) this.hear(threshold)
  }

  close() {
    for (const end of this.ends) end()
    clearInterval(this.ticking)
    clearTimeout(this.settling)
    this.cancel()
  }

  async fetchPolicy() {
    const { source } = this
    try {
      const { text, own } = inForce(await this.app.api.get('v1/thresholds'), source)
      if (source !== this.source) return
      setText(this.policy, text)
      this.reset.hidden = own === undefined
    } catch (error) {
      setText(this.policy, error.message)
    }
  }

  /** The threshold that windows are judged by now. */
  hear(threshold) {
    if (threshold === this.value) return
    this.value = threshold
    if (this.tried === undefined || this.isSet) this.cancel()
  }

  cancel() {
    this.tried = undefined
    this.isSet = false
    this.centre ??= this.value
    this.onPreview(undefined)
    this.showValue()
  }

  showValue() {
    const value = this.tried ?? this.value
    if (value === undefined) return
    // The slider is laid around the threshold anew when that has moved out of its middle.
    if (this.tried === undefined && Math.abs(Math.log(value / this.centre)) > REACH / 2) this.centre = value
    if (this.centre === undefined) this.centre = value
    const place = 0.5 + Math.log(value / this.centre) / (2 * REACH)
    this.slider.value = String(Math.round(STEPS * Math.min(1, Math.max(0, place))))
    this.slider.setAttribute('aria-valuetext', number(value))
    if (document.activeElement !== this.number) this.showNumber()
    this.showEffect()
  }

  showNumber() {
    const value = this.tried ?? this.value
    if (value !== undefined) this.number.value = String(Number(value.toPrecision(DIGITS)))
  }

  valueAt(step) {
    return Number((this.centre * Math.exp((step / STEPS - 0.5) * 2 * REACH)).toPrecision(DIGITS))
  }

  tryOut(value) {
    clearTimeout(this.settling)
    if (!(value > 0)) return
    this.tried = value
    this.isSet = false
    this.onPreview(value)
    this.showValue()
  }

  showEffect() {
    const { series, from, to } = this.shown()
    if (!series || this.value === undefined) return
    const now = countAbove(series, from, to, this.value)
    if (this.tried === undefined) {
      setText(this.effect, `${count(now.above)} of the ${count(now.of)} scores shown are above it.`)
      return
    }
    const then = countAbove(series, from, to, this.tried)
    setText(
      this.effect,
      `At ${number(this.tried)}, ${count(then.above)} of the ${count(then.of)} scores shown would be above it; now ${count(now.above)}.`,
    )
  }

  settle() {
    clearTimeout(this.settling)
    this.settling = setTimeout(() => this.apply(), SETTLE_MS)
  }

  async apply() {
    const { source, tried } = this
    if (tried === undefined) return
    try {
      const { threshold } = await this.app.api.put('v1/threshold', {
        source,
        policy: { policy: 'value', value: tried },
      })
      this.app.toast(`The threshold of ${source} is ${number(threshold)} now.`, 'good')
      if (source === this.source) this.taken(threshold)
    } catch (error) {
      this.app.toast(error, 'bad')
      if (source !== this.source) return
      this.cancel()
      this.showNumber()
    }
  }

  async giveUp() {
    const { source } = this
    try {
      const { threshold } = await this.app.api.delete('v1/threshold', { source })
      this.app.toast(`The threshold of ${source} follows the policy again: ${number(threshold)}.`, 'good')
      if (source === this.source) this.taken(threshold)
    } catch (error) {
      this.app.toast(error, 'bad')
    }
  }

  /** The daemon has it; the windows that are judged by it come with the next score. */
  taken(threshold) {
    this.tried = threshold
    this.isSet = true
    this.onPreview(threshold)
    this.showValue()
    this.fetchPolicy()
    if (this.value === threshold) this.cancel()
  }
}
