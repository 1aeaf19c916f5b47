import { element, reconcile, setText } from '../app/dom.js'
import { count } from '../app/format.js'
import { addShape, markOf } from './palette.js'

const NONE = 'none'
const MARK = 18

/** The clusters, with how many windows each has; what is not ticked is not shown. */
export class Legend {
  /** @param handlers `{ onFilter(), onPoint(cluster | null), isDark() }` */
  constructor(points, labels, handlers) {
    this.points = points
    this.labels = labels
    this.handlers = handlers
    this.rows = new Map()
    this.list = element('ul', { class: 'legend-list' })
    this.all = element('button', { type: 'button', class: 'quiet', onclick: () => this.toggleAll() }, 'Hide all')
    this.node = element(
      'section',
      { class: 'panel legend', 'aria-labelledby': 'legend-title' },
      element('div', { class: 'legend-head' }, element('h3', { id: 'legend-title' }, 'Clusters'), this.all),
      this.list,
    )
  }

  show() {
    const counts = this.points.counts()
    const items = [...counts]
      .map(([cluster, numbers]) => ({ cluster, key: cluster ?? NONE, ...numbers }))
      .sort((a, b) => (a.cluster ?? Infinity) - (b.cluster ?? Infinity))
    reconcile(
      this.list,
      this.rows,
      items,
      ({ key }) => key,
      item => this.make(item),
      (row, item) => this.fill(row, item),
    )
    setText(this.all, this.points.hidden.size > 0 ? 'Show all' : 'Hide all')
    this.all.hidden = items.length < 2
  }

  make({ cluster }) {
    const box = element('input', { type: 'checkbox', onchange: () => this.toggle(cluster, box.checked) })
    const mark = element('canvas', { class: 'legend-mark', 'aria-hidden': 'true' })
    const name = element('span', { class: 'legend-name' })
    const numbers = element('span', { class: 'legend-count' })
    const label = element('label', {}, box, mark, name)
    const node = element('li', {}, label, numbers)
    node.addEventListener('pointerenter', () => this.handlers.onPoint(cluster))
    node.addEventListener('pointerleave', () => this.handlers.onPoint(null))
    return { node, box, mark, name, numbers }
  }

  fill({ box, mark, name, numbers, node }, { cluster, training, fresh, anomalous }) {
    box.checked = !this.points.hidden.has(cluster)
    node.dataset.cluster = cluster ?? NONE
    setText(name, cluster === undefined ? 'Of no cluster' : capital(this.labels.name({ id: cluster })))
    const parts = [training && `${count(training)} trained`, fresh && `${count(fresh)} new`]
    setText(numbers, parts.filter(Boolean).join(', '))
    numbers.title = anomalous ? `${count(anomalous)} of the new ones are anomalous` : ''
    this.draw(mark, cluster)
  }

  draw(canvas, cluster) {
    const ratio = devicePixelRatio || 1
    const key = `${ratio} ${this.handlers.isDark()}`
    if (canvas.dataset.key === key) return
    canvas.dataset.key = key
    canvas.width = MARK * ratio
    canvas.height = MARK * ratio
    const c = canvas.getContext('2d')
    const { colour, shape } = markOf(cluster, this.handlers.isDark())
    c.scale(ratio, ratio)
    addShape(c, shape, MARK / 2, MARK / 2, 5.5)
    c.fillStyle = colour
    c.fill()
  }

  toggle(cluster, isShown) {
    if (isShown) this.points.hidden.delete(cluster)
    else this.points.hidden.add(cluster)
    this.show()
    this.handlers.onPoint(cluster)
    this.handlers.onFilter()
  }

  toggleAll() {
    const { hidden } = this.points
    if (hidden.size > 0) hidden.clear()
    else for (const cluster of this.points.counts().keys()) hidden.add(cluster)
    this.show()
    this.handlers.onFilter()
  }
}

const capital = text => text.charAt(0).toUpperCase() + text.slice(1)
