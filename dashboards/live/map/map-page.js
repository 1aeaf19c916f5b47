import { button, element, setText } from '../app/dom.js'
import { count, moment, number } from '../app/format.js'
import { Labels } from '../episodes/labels.js'
import { nameCluster } from '../episodes/name-cluster.js'
import { Details } from './details.js'
import { Gestures } from './gestures.js'
import { Legend } from './legend.js'
import { MapCanvas } from './map-canvas.js'
import { Points } from './points.js'
import { MapPoller } from './poller.js'

const ABSENT = {
  soon: 'The map is being made. It is there a few seconds after the daemon’s start.',
  off: 'There is no map: this daemon does not make one. Set map.enabled: true, and use a bundle that was trained with its latents.',
  failed: 'There is no map now: the daemon could not make it, and has given up. Its log says why.',
  unreachable: 'The daemon cannot be reached.',
}
const ZOOM = 1.6

const dark = matchMedia('(prefers-color-scheme: dark)')

/** `#/map`: windows that are alike to the model lie together; the newest ones among those of the training. */
export class MapPage {
  constructor(app) {
    this.app = app
    this.labels = Labels.of(app)
    this.points = new Points()
    this.canvas = element('canvas', { class: 'map-canvas', tabindex: '0', role: 'application', 'aria-label': 'Map' })
    this.map = new MapCanvas(this.canvas, this.points)
    this.details = new Details(this.labels, cluster => nameCluster(app, { id: cluster }))
    this.legend = new Legend(this.points, this.labels, {
      onFilter: () => this.filtered(),
      onPoint: cluster => this.map.highlight(cluster),
      isDark: () => this.map.isDark,
    })
    this.gestures = new Gestures(this.canvas, this.map.camera, {
      onMove: () => this.map.redraw(),
      onPoint: (x, y) => !this.isPinned && this.select(this.map.pointAt(x, y)),
      onLeave: () => !this.isPinned && this.select(undefined),
      onTap: (x, y) => this.tap(this.map.pointAt(x, y)),
    })
    this.canvas.addEventListener('keydown', event => this.key(event))
    this.poller = new MapPoller(app.api, {
      onMap: map => this.takeMap(map),
      onPoints: points => this.takePoints(points),
      onAbsent: reason => this.absent(reason),
    })
    this.node = this.layOut()
    this.observer = new ResizeObserver(() => this.map.resize())
    this.onTheme = () => this.restyle()
    app.state.on('hello', ({ store }) => this.greeted(store))
  }

  layOut() {
    this.summary = element('p', { class: 'muted' })
    this.umap = this.radio('map', 'UMAP', true)
    this.pca = this.radio('pca', 'Components', false)
    this.layouts = element(
      'fieldset',
      { class: 'span', title: 'UMAP keeps neighbours together; components keep proportions' },
      element('legend', { class: 'hidden' }, 'How windows are laid out'),
      this.umap.label,
      this.pca.label,
    )
    this.source = element('select', { 'aria-label': 'Source', onchange: () => this.chooseSource() })
    this.training = element('input', { type: 'checkbox', checked: true, onchange: () => this.filtered() })
    this.note = element('p', { class: 'empty', role: 'status' }, 'Waiting for the map…')
    const zoom = element(
      'div',
      { class: 'map-zoom' },
      button('+', () => this.gestures.zoom(ZOOM), { 'aria-label': 'Zoom in' }),
      button('−', () => this.gestures.zoom(1 / ZOOM), { 'aria-label': 'Zoom out' }),
      button('All', () => this.gestures.reset(), { 'aria-label': 'Show all' }),
    )
    this.frame = element('div', { class: 'panel map-frame' }, this.canvas, zoom, this.note)
    return element(
      'section',
      { class: 'page map-page', 'aria-labelledby': 'map-title' },
      element(
        'div',
        { class: 'bar' },
        element('div', { class: 'title' }, element('h2', { id: 'map-title' }, 'Map'), this.summary),
        element(
          'div',
          { class: 'controls' },
          this.source,
          element('label', { class: 'map-check' }, this.training, 'Training'),
          this.layouts,
        ),
      ),
      element(
        'div',
        { class: 'map-parts' },
        this.frame,
        element('div', { class: 'map-side' }, this.details.node, this.legend.node),
      ),
    )
  }

  radio(value, text, isChecked) {
    const input = element('input', { type: 'radio', name: 'layout', value, checked: isChecked })
    input.addEventListener('change', () => this.lay(value))
    return { input, label: element('label', {}, input, element('span', {}, text)) }
  }

  open() {
    this.endLabels = this.labels.on(() => this.renamed())
    this.observer.observe(this.canvas)
    dark.addEventListener('change', this.onTheme)
    this.poller.start()
    this.renamed()
  }

  close() {
    this.endLabels?.()
    this.poller.stop()
    this.observer.disconnect()
    dark.removeEventListener('change', this.onTheme)
  }

  /** After a restart the map may be of another model. */
  greeted(store) {
    const isOther = this.store !== undefined
    this.store = store
    if (isOther) this.poller.reset()
  }

  takeMap(map) {
    this.points.setTraining(map)
    this.note.hidden = true
    this.layouts.hidden = map.method !== 'umap'
    const ratios = map.pca.explained_variance_ratio
    const share = ratios.slice(0, 2).reduce((sum, ratio) => sum + ratio, 0)
    this.pca.label.title = `The first two principal components, which have ${Math.round(100 * share)} % of the variance`
    this.map.update()
    this.map.camera.reset()
    this.legend.show()
    this.describe()
  }

  takePoints(points) {
    if (!this.points.add(points)) return
    this.showSources()
    this.map.update()
    this.legend.show()
    this.describe()
  }

  absent(reason) {
    this.note.hidden = false
    setText(this.note, ABSENT[reason])
  }

  showSources() {
    const names = this.points.sources()
    if (names.join('\n') === this.names) return
    this.names = names.join('\n')
    const options = names.map(name => element('option', { value: name }, name))
    this.source.replaceChildren(element('option', { value: '' }, 'All sources'), ...options)
    this.source.value = this.points.source
    this.source.hidden = names.length < 2
  }

  chooseSource() {
    this.points.source = this.source.value
    this.filtered()
  }

  filtered() {
    this.points.showTraining = this.training.checked
    if (this.map.selected && !this.points.isShown(this.map.selected)) this.select(undefined)
    this.map.update()
    this.describe()
  }

  lay(layout) {
    this.points.layout = layout
    this.map.update()
    this.gestures.reset()
  }

  renamed() {
    this.map.names = new Map(this.labels.labelled)
    this.legend.show()
    this.details.show(this.map.selected)
    this.map.redraw()
  }

  restyle() {
    this.map.restyle()
    this.legend.show()
  }

  /** A tap keeps a window chosen until another, or nothing, is tapped. */
  tap(point) {
    this.isPinned = point !== undefined
    this.select(point)
  }

  select(point) {
    if (point === this.map.selected) return
    this.map.selected = point
    this.details.show(point)
    this.map.redraw()
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key]
    if (event.key === 'Escape') this.tap(undefined)
    else if (step && !event.shiftKey && !event.defaultPrevented) this.walk(step)
    else return
    event.preventDefault()
  }

  /** Goes through the windows in the order of their coming; from the newest on. */
  walk(step) {
    const shown = this.map.shown ?? []
    if (shown.length === 0) return
    const at = this.map.selected ? shown.indexOf(this.map.selected) : shown.length
    const to = Math.min(shown.length - 1, Math.max(0, at + step))
    this.tap(shown[to])
    const { isNew, source, time, score, cluster } = shown[to]
    const name = cluster === undefined ? 'no cluster' : this.labels.name({ id: cluster })
    this.app.announce(isNew ? `${source}, ${moment(time)}, score ${number(score)}, ${name}` : `Training, ${name}`)
  }

  describe() {
    const { training, fresh } = this.points
    const anomalous = fresh.filter(point => point.anomalous).length
    const parts = [`${count(training.length)} windows of the training, ${count(fresh.length)} new`]
    if (anomalous > 0) parts.push(`${count(anomalous)} anomalous`)
    setText(this.summary, parts.join(', '))
    this.canvas.setAttribute('aria-label', `Map of latents: ${parts.join(', ')}. Arrow keys go from window to window.`)
  }
}
