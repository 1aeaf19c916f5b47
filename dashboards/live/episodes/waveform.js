import { element } from '../app/dom.js'
import { onWidth, svg } from './svg.js'

const HEIGHT = 96
/** What is quieter than this at its loudest is drawn as quiet as it is. */
const SILENT = 0.005

/** The loudness of a clip over its time, with what was explained and what is missing, and where it is being played. A slider. */
export class Waveform {
  /** @param {(fraction: number) => void} onSeek */
  constructor(onSeek) {
    this.at = 0
    this.onSeek = onSeek
    this.node = element('div', {
      class: 'waveform',
      role: 'slider',
      tabindex: '0',
      'aria-label': 'Place in the clip',
      'aria-valuemin': '0',
    })
    onWidth(this.node, () => this.draw())
    const seek = ({ clientX }) => {
      const { left, width } = this.node.getBoundingClientRect()
      onSeek(Math.min(1, Math.max(0, (clientX - left) / width)))
    }
    this.node.addEventListener('pointerdown', event => {
      this.node.setPointerCapture(event.pointerId)
      seek(event)
    })
    this.node.addEventListener('pointermove', event => event.buttons > 0 && seek(event))
    this.node.addEventListener('keydown', event => {
      const by = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.2, PageUp: 0.2 }[event.key]
      const to = event.key === 'Home' ? 0 : event.key === 'End' ? 1 : by && this.at + by
      if (to === undefined) return
      event.preventDefault()
      onSeek(Math.min(1, Math.max(0, to)))
    })
  }

  /** @param samples of the clip @param {{ peak?: object, gaps?: object[] }} places in samples: `{ from, samples }` */
  show(samples, { peak, gaps = [] } = {}) {
    Object.assign(this, { samples, peak, gaps })
    this.draw()
  }

  /** @param fraction of the clip @param text for screen readers */
  move(fraction, text) {
    this.at = fraction
    this.node.setAttribute('aria-valuenow', String(Math.round(fraction * 100)))
    this.node.setAttribute('aria-valuemax', '100')
    this.node.setAttribute('aria-valuetext', text)
    const x = fraction * this.node.clientWidth
    this.cursor?.setAttribute('transform', `translate(${x.toFixed(1)} 0)`)
  }

  draw() {
    const width = this.node.clientWidth
    const { samples, peak, gaps } = this
    if (!samples?.length || width === 0) return
    const root = svg('svg', { width, height: HEIGHT, 'aria-hidden': 'true' })
    const place = (name, { from, samples: length }) =>
      svg('rect', {
        class: name,
        x: (from / samples.length) * width,
        y: 0,
        width: (length / samples.length) * width,
        height: HEIGHT,
      })
    if (peak) root.append(place('waveform-peak', peak))
    root.append(svg('path', { class: 'waveform-shape', d: shape(samples, width) }))
    for (const gap of gaps) root.append(place('waveform-gap', gap))
    this.cursor = svg('line', { class: 'waveform-cursor', x1: 0, x2: 0, y1: 0, y2: HEIGHT })
    root.append(this.cursor)
    this.node.replaceChildren(root)
    this.move(this.at, this.node.getAttribute('aria-valuetext') ?? '')
  }
}

/** From the least to the greatest sample of each pixel, with the largest as high as there is room. */
function shape(samples, width) {
  const highs = []
  const lows = []
  let largest = SILENT
  for (let x = 0; x < width; x++) {
    let [low, high] = [0, 0]
    const to = Math.floor(((x + 1) * samples.length) / width)
    for (let i = Math.floor((x * samples.length) / width); i < to; i++) {
      if (samples[i] < low) low = samples[i]
      else if (samples[i] > high) high = samples[i]
    }
    highs.push(high)
    lows.push(low)
    largest = Math.max(largest, high, -low)
  }
  const y = value => (HEIGHT / 2 - (value / largest) * (HEIGHT / 2 - 4)).toFixed(1)
  const there = highs.map((value, x) => `${x} ${y(value)}`)
  const back = lows.map((value, x) => `${x} ${y(value)}`).reverse()
  return `M${[...there, ...back].join('L')}Z`
}
