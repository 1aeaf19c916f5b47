const WHEEL = 0.0016
const LINE_PX = 16
const KEY_PX = 60
const KEY_ZOOM = 1.4
/** A pointer that moved less was a tap, CSS pixels. */
const TAP = 6

/**
 * Moves the camera: wheel and two fingers zoom, dragging moves, plus and minus zoom, Shift with arrows moves, 0 shows all.
 * Where all is to be seen, one finger scrolls the page.
 */
export class Gestures {
  /** @param handlers `{ onMove(), onPoint(x, y), onLeave(), onTap(x, y) }` */
  constructor(canvas, camera, handlers) {
    this.canvas = canvas
    this.camera = camera
    this.handlers = handlers
    this.pointers = new Map()
    canvas.addEventListener('wheel', event => this.wheel(event), { passive: false })
    canvas.addEventListener('pointerdown', event => this.down(event))
    canvas.addEventListener('pointermove', event => this.move(event))
    for (const type of ['pointerup', 'pointercancel']) canvas.addEventListener(type, event => this.up(event))
    canvas.addEventListener('pointerleave', event => {
      if (!this.pointers.has(event.pointerId)) handlers.onLeave()
    })
    canvas.addEventListener('dblclick', event => this.zoom(2, event.offsetX, event.offsetY))
    canvas.addEventListener('keydown', event => this.key(event))
  }

  zoom(factor, x, y) {
    this.camera.zoomAt(factor, x, y)
    this.moved()
  }

  reset() {
    this.camera.reset()
    this.moved()
  }

  moved() {
    this.canvas.classList.toggle('is-near', this.camera.zoom > 1.01)
    this.handlers.onMove()
  }

  wheel(event) {
    event.preventDefault()
    const pixels = event.deltaMode === 1 ? event.deltaY * LINE_PX : event.deltaY
    this.zoom(Math.exp(-Math.max(-400, Math.min(400, pixels)) * WHEEL), event.offsetX, event.offsetY)
  }

  down(event) {
    this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY, way: 0 })
    this.canvas.setPointerCapture(event.pointerId)
  }

  move(event) {
    const { offsetX: x, offsetY: y } = event
    const before = this.pointers.get(event.pointerId)
    if (!before) {
      this.handlers.onPoint(x, y)
      return
    }
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, other]) => other)
    this.pointers.set(event.pointerId, { x, y, way: before.way + Math.hypot(x - before.x, y - before.y) })
    if (others.length === 0) this.camera.pan(x - before.x, y - before.y)
    else this.pinch(before, { x, y }, others[0])
    this.moved()
  }

  pinch(before, now, other) {
    const spread = point => Math.max(10, Math.hypot(point.x - other.x, point.y - other.y))
    this.camera.pan((now.x - before.x) / 2, (now.y - before.y) / 2)
    this.camera.zoomAt(spread(now) / spread(before), (now.x + other.x) / 2, (now.y + other.y) / 2)
  }

  up(event) {
    const pointer = this.pointers.get(event.pointerId)
    this.pointers.delete(event.pointerId)
    if (pointer && event.type === 'pointerup' && pointer.way < TAP) this.handlers.onTap(event.offsetX, event.offsetY)
  }

  key(event) {
    const way = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === '+' || event.key === '=') this.zoom(KEY_ZOOM)
    else if (event.key === '-') this.zoom(1 / KEY_ZOOM)
    else if (event.key === '0') this.reset()
    else if (way && event.shiftKey) {
      this.camera.pan(way[0] * KEY_PX, way[1] * KEY_PX)
      this.moved()
    } else return
    event.preventDefault()
  }
}
