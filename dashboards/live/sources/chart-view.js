import { button, element, setText } from '../app/dom.js'

const SPANS = [
  [30, '30 s'],
  [120, '2 min'],
  [600, '10 min'],
  [3600, '1 h'],
]
let groups = 0

/** How much time the charts of a page show, and whether they are held: the state, and the controls for it. */
export class ChartView {
  /** @param onChange called when either has changed */
  constructor(onChange, span = 120) {
    this.onChange = onChange
    this.span = span
    this.isHeld = false
    const name = `span-${++groups}`
    this.inputs = SPANS.map(([seconds]) =>
      element('input', {
        type: 'radio',
        name,
        value: seconds,
        checked: seconds === span,
        onchange: () => this.show(seconds),
      }),
    )
    this.pause = button('Pause', () => this.setHeld(!this.isHeld), {
      'aria-pressed': 'false',
      class: 'pause',
      title: 'Hold the picture still (P)',
    })
    this.node = element(
      'div',
      { class: 'controls' },
      element(
        'fieldset',
        { class: 'span' },
        element('legend', { class: 'hidden' }, 'Time shown'),
        SPANS.map(([, text], i) => element('label', {}, this.inputs[i], element('span', {}, text))),
      ),
      this.pause,
    )
    this.keys = event => this.press(event)
  }

  open() {
    document.addEventListener('keydown', this.keys)
  }

  close() {
    document.removeEventListener('keydown', this.keys)
  }

  press(event) {
    const isTyping = event.target.closest?.('input:not([type=radio], [type=range]), textarea, select, dialog')
    if (event.key.toLowerCase() !== 'p' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return
    this.setHeld(!this.isHeld)
  }

  /** Shows so many seconds, if that is one of the choices. */
  choose(seconds) {
    const input = this.inputs.find(each => Number(each.value) === seconds)
    if (!input) return
    input.checked = true
    this.show(seconds)
  }

  show(seconds) {
    this.span = seconds
    this.onChange()
  }

  hold() {
    if (!this.isHeld) this.setHeld(true)
  }

  setHeld(isHeld) {
    this.isHeld = isHeld
    this.pause.setAttribute('aria-pressed', String(isHeld))
    setText(this.pause, isHeld ? 'Resume' : 'Pause')
    this.onChange()
  }
}
