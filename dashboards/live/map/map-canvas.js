import { isOnDark } from '../pictures/colours.js'
import { Camera } from './camera.js'
import { addShape, markOf } from './palette.js'

/** CSS pixels. */
const TRAINING_RADIUS = 2.4
const FRESH_RADIUS = 4.2
const RING_RADIUS = 7.5
const TRAINING_ALPHA = 0.55
const REACH = 14
/** Newest windows that stand out, the others fade behind them. */
const VIVID = 250
const FAINTEST = 0.22
const STEPS = 12
/** How strong others are while one cluster stands out. */
const OTHERS = 0.12
/** Windows of a source that are joined by a line. */
const TRAIL = 16
const COLOURS = ['ink', 'muted', 'grid', 'alarm', 'panel', 'accent']

/** Draws points; ten thousand in a few milliseconds, since points that look the same are copies of one small picture. */
export class MapCanvas {
  constructor(canvas, points) {
    this.canvas = canvas
    this.points = points
    this.context = canvas.getContext('2d')
    this.camera = new Camera()
    this.sprites = new Map()
    this.names = new Map()
    /** Point under the pointer or chosen by keys. */
    this.selected = undefined
    /** Cluster that stands out while its name is pointed at; null for none. */
    this.highlit = null
    this.frame = undefined
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas
    if (width === 0) return
    this.ratio = devicePixelRatio || 1
    this.canvas.width = Math.round(width * this.ratio)
    this.canvas.height = Math.round(height * this.ratio)
    this.camera.resize(width, height)
    this.restyle()
  }

  /** Takes the colours of the page, as after a change of theme. */
  restyle() {
    const css = getComputedStyle(this.canvas)
    this.style = Object.fromEntries(COLOURS.map(name => [name, css.getPropertyValue(`--${name}`).trim()]))
    this.style.font = css.fontFamily
    this.isDark = isOnDark(this.canvas)
    this.sprites.clear()
    this.redraw()
  }

  /** Takes the points as they are now. */
  update() {
    this.shown = this.points.shown()
    this.centres = this.points.centres().sort((a, b) => b.size - a.size)
    this.camera.setBounds(this.points.bounds())
    this.redraw()
  }

  /** Lets a cluster stand out; null: none. */
  highlight(cluster) {
    this.highlit = this.points.hidden.has(cluster) ? null : cluster
    this.redraw()
  }

  /** Draws with the next frame. */
  redraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      if (this.shown && this.style) this.draw()
    })
  }

  /** The point at a pixel, new ones before those of the training. */
  pointAt(x, y) {
    let found
    let least = REACH
    const toPixels = this.camera.projection()
    for (const point of this.shown ?? []) {
      const [px, py] = toPixels(this.points.placeOf(point))
      const distance = Math.hypot(px - x, py - y) - (point.isNew ? 3 : 0)
      if (distance > least) continue
      least = distance
      found = point
    }
    return found
  }

  draw() {
    const { context: c, ratio, camera } = this
    c.setTransform(ratio, 0, 0, ratio, 0, 0)
    c.clearRect(0, 0, camera.width, camera.height)
    const last = this.shown.length - 1
    const toPixels = camera.projection()
    this.shown.forEach((point, i) => {
      this.drawPoint(point, toPixels(this.points.placeOf(point)), point.isNew ? fade(last - i) : TRAINING_ALPHA)
    })
    c.globalAlpha = 1
    this.drawTrail()
    this.drawNames()
    if (this.selected) this.drawSelected()
  }

  drawPoint(point, [x, y], alpha) {
    const { context: c, camera, ratio } = this
    if (x < -10 || y < -10 || x > camera.width + 10 || y > camera.height + 10) return
    const sprite = this.sprite(point)
    const size = sprite.width / ratio
    c.globalAlpha = this.highlit === null || this.highlit === point.cluster ? alpha : alpha * OTHERS
    c.drawImage(sprite, x - size / 2, y - size / 2, size, size)
  }

  /** The small picture of all points that look like this one. */
  sprite({ cluster, isNew, anomalous }) {
    let own = this.sprites.get(cluster)
    if (!own) {
      own = []
      this.sprites.set(cluster, own)
    }
    const kind = isNew ? (anomalous ? 2 : 1) : 0
    own[kind] ??= this.makeSprite(cluster, isNew ? FRESH_RADIUS : TRAINING_RADIUS, kind === 2)
    return own[kind]
  }

  makeSprite(cluster, radius, isRinged) {
    const sprite = document.createElement('canvas')
    const half = (isRinged ? RING_RADIUS : radius) + 3
    sprite.width = Math.ceil(2 * half * this.ratio)
    sprite.height = sprite.width
    const c = sprite.getContext('2d')
    c.setTransform(this.ratio, 0, 0, this.ratio, sprite.width / 2, sprite.width / 2)
    this.paint(c, cluster, radius, isRinged)
    return sprite
  }

  paint(c, cluster, radius, isRinged) {
    const { colour, shape } = markOf(cluster, this.isDark)
    if (isRinged) {
      c.beginPath()
      c.arc(0, 0, RING_RADIUS, 0, 2 * Math.PI)
      c.lineWidth = 2
      c.strokeStyle = this.style.alarm
      c.stroke()
    }
    c.beginPath()
    addShape(c, shape, 0, 0, radius)
    c.fillStyle = colour
    c.fill()
    if (radius === TRAINING_RADIUS) return
    c.lineWidth = 1
    c.strokeStyle = this.style.panel
    c.stroke()
  }

  /** Joins the newest windows of the chosen source, or of the only one, in their order. */
  drawTrail() {
    const { context: c, camera, points } = this
    const source = this.selected?.source ?? (points.source || undefined)
    if (source === undefined) return
    const trail = points.fresh.filter(point => point.source === source && points.isShown(point)).slice(-TRAIL)
    c.lineWidth = 1.5
    c.strokeStyle = this.style.ink
    for (let i = 1; i < trail.length; i++) {
      c.globalAlpha = (0.5 * i) / trail.length
      c.beginPath()
      c.moveTo(...camera.toPixels(points.placeOf(trail[i - 1])))
      c.lineTo(...camera.toPixels(points.placeOf(trail[i])))
      c.stroke()
    }
    c.globalAlpha = 1
  }

  /** Names of clusters, the largest first; those that would cover another are left out. */
  drawNames() {
    const { context: c, camera } = this
    const taken = []
    c.font = `600 12px ${this.style.font}`
    c.textAlign = 'center'
    c.textBaseline = 'middle'
    c.lineJoin = 'round'
    for (const { cluster, place } of this.centres) {
      const name = this.names.get(cluster) ?? `Cluster ${cluster}`
      const [x, y] = camera.toPixels(place)
      const half = c.measureText(name).width / 2 + 4
      if (taken.some(other => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - y) < 18)) continue
      taken.push({ x, y, half })
      c.lineWidth = 4
      c.strokeStyle = this.style.panel
      c.globalAlpha = 0.85
      c.strokeText(name, x, y)
      c.globalAlpha = 1
      c.fillStyle = this.style.ink
      c.fillText(name, x, y)
    }
  }

  drawSelected() {
    const { context: c } = this
    const [x, y] = this.camera.toPixels(this.points.placeOf(this.selected))
    for (const [width, colour] of [
      [5, this.style.panel],
      [2.5, this.style.ink],
    ]) {
      c.beginPath()
      c.arc(x, y, RING_RADIUS + 3, 0, 2 * Math.PI)
      c.lineWidth = width
      c.strokeStyle = colour
      c.stroke()
    }
  }
}

/** How strong a new point is that so many came after, in steps. */
function fade(age) {
  const part = Math.min(1, age / VIVID)
  return FAINTEST + (1 - FAINTEST) * (1 - Math.ceil(part * STEPS) / STEPS)
}
