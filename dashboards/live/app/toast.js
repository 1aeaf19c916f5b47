import { button, element } from './dom.js'

const STAYS_MS = { good: 4000, info: 6000, bad: 12_000 }
const MOST = 4

/** Short messages in a corner; they go by themselves, and stay as long as they are pointed at or focused. */
export class Toasts {
  constructor(node) {
    this.node = node
  }

  /** @param kind good, info or bad. An Error is shown with its remedy. */
  show(message, kind = 'info') {
    const lines = message instanceof Error ? [capital(message.message), message.remedy] : [message]
    const toast = element(
      'div',
      { class: 'toast', 'data-kind': kind, role: kind === 'bad' ? 'alert' : 'status' },
      element('div', {}, ...lines.filter(Boolean).map(line => element('p', {}, line))),
      button('×', () => toast.remove(), { 'aria-label': 'Dismiss', class: 'quiet' }),
    )
    this.node.append(toast)
    while (this.node.children.length > MOST) this.node.firstChild.remove()
    this.expire(toast, STAYS_MS[kind] ?? STAYS_MS.info)
  }

  expire(toast, after) {
    setTimeout(() => {
      if (toast.matches(':hover') || toast.contains(document.activeElement)) this.expire(toast, 1000)
      else toast.remove()
    }, after)
  }
}

const capital = text => text.charAt(0).toUpperCase() + text.slice(1)
