import { button, element } from '../app/dom.js'
import { moment, number } from '../app/format.js'

/** What is known of the chosen window, and where to go from it. */
export class Details {
  /** @param onLabel called with the cluster to name */
  constructor(labels, onLabel) {
    this.labels = labels
    this.onLabel = onLabel
    this.node = element('section', { class: 'panel map-details', 'aria-live': 'polite', 'aria-label': 'Chosen window' })
    this.show(undefined)
  }

  show(point) {
    this.node.replaceChildren(...(point ? this.parts(point) : [hint()]))
  }

  parts(point) {
    const { isNew, source, window: id, time, score, anomalous, cluster } = point
    const rows = [
      ['Source', source && element('a', { href: `#/source/${encodeURIComponent(source)}` }, source)],
      ['Time', time !== undefined && moment(time)],
      ['Score', score !== undefined && `${number(score)}${anomalous ? ', anomalous' : ''}`],
      ['Cluster', cluster === undefined ? 'none' : this.labels.name({ id: cluster })],
      ['Window', id],
    ]
    return [
      element('h3', {}, isNew ? 'New window' : 'Window of the training'),
      element(
        'dl',
        {},
        ...rows
          .filter(([, value]) => value)
          .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
      ),
      cluster !== undefined &&
        element(
          'div',
          { class: 'actions' },
          element('a', { href: `#/history?cluster=${cluster}` }, 'Its episodes'),
          button(this.labels.label({ id: cluster }) ? 'Rename the cluster' : 'Name the cluster', () =>
            this.onLabel(cluster),
          ),
        ),
    ].filter(Boolean)
  }
}

const hint = () =>
  element(
    'p',
    { class: 'muted' },
    'Point at a window, or tap it, to see what it is. Keys: arrows go from window to window, + and − zoom, Shift with arrows moves, 0 shows all.',
  )
