import { element, setText } from '../app/dom.js'
import { count, number } from '../app/format.js'

/** A strip of figures that are read at a glance: `figures.show({ name: { text, alarm } })`. */
export class Figures {
  /** @param names `{ name: label }` */
  constructor(label, names) {
    this.values = Object.fromEntries(
      Object.keys(names).map(name => [name, element('dd', { 'data-figure': name }, '–')]),
    )
    this.node = element(
      'dl',
      { class: 'figures', 'aria-label': label },
      Object.entries(names).map(([name, text]) => element('div', {}, element('dt', {}, text), this.values[name])),
    )
  }

  put(name, text, kind = '') {
    setText(this.values[name], text)
    this.values[name].dataset.kind = kind
  }
}

/** Seconds as people read latencies: `34 ms`, `1.2 s`. */
export function latency(seconds) {
  if (seconds === null || seconds === undefined) return '–'
  return seconds < 1 ? `${number(Number((seconds * 1000).toPrecision(2)))} ms` : `${number(seconds)} s`
}

/** Windows a second. */
export const rate = value => (value === undefined ? '–' : value < 10 ? value.toFixed(1) : count(Math.round(value)))
