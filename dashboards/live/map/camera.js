const MARGIN = 28
const FARTHEST = 0.5
const NEAREST = 200

/** Which part of the plane is to be seen: between places of the map and CSS pixels. Units are equal along both axes; y goes up. */
export class Camera {
  /** 1: all is to be seen. */
  zoom = 1

  constructor() {
    this.width = 1
    this.height = 1
    /** Nobody has moved it: it shows all, whatever comes. */
    this.isWhole = true
    this.setBounds({ left: 0, right: 1, bottom: 0, top: 1 })
  }

  setBounds(box) {
    const wasWhole = this.isWhole
    this.box = box
    if (wasWhole) this.centre = this.middle()
  }

  resize(width, height) {
    this.width = width
    this.height = height
  }

  middle() {
    const { left, right, bottom, top } = this.box
    return [(left + right) / 2, (bottom + top) / 2]
  }

  /** Pixels a unit. */
  get scale() {
    const { left, right, bottom, top } = this.box
    const fit = Math.min(
      (this.width - 2 * MARGIN) / Math.max(right - left, 1e-9),
      (this.height - 2 * MARGIN) / Math.max(top - bottom, 1e-9),
    )
    return Math.max(fit, 1e-9) * this.zoom
  }

  toPixels(place) {
    return this.projection()(place)
  }

  /** What brings places to pixels as it is now, for many of them. */
  projection() {
    const { scale, centre, width, height } = this
    const left = width / 2 - centre[0] * scale
    const bottom = height / 2 + centre[1] * scale
    return ([x, y]) => [left + x * scale, bottom - y * scale]
  }

  toPlace(x, y) {
    const { scale, centre, width, height } = this
    return [centre[0] + (x - width / 2) / scale, centre[1] - (y - height / 2) / scale]
  }

  /** Makes all larger by a factor; what lies at a pixel stays there. */
  zoomAt(factor, x = this.width / 2, y = this.height / 2) {
    this.isWhole = false
    const before = this.toPlace(x, y)
    this.zoom = Math.min(NEAREST, Math.max(FARTHEST, this.zoom * factor))
    const after = this.toPlace(x, y)
    this.centre = this.centre.map((value, i) => value + before[i] - after[i])
    this.stay()
  }

  /** Moves all by pixels. */
  pan(dx, dy) {
    this.isWhole = false
    this.centre = [this.centre[0] - dx / this.scale, this.centre[1] + dy / this.scale]
    this.stay()
  }

  /** Does not leave the map. */
  stay() {
    const { left, right, bottom, top } = this.box
    const within = (value, low, high) => Math.min(high, Math.max(low, value))
    this.centre = [within(this.centre[0], left, right), within(this.centre[1], bottom, top)]
  }

  /** Shows all. */
  reset() {
    this.zoom = 1
    this.isWhole = true
    this.centre = this.middle()
  }
}
