/** A little picture of the latest scores, as multiples of the threshold on a logarithmic axis, the threshold always at the same height. */
const LOWEST = Math.log(1 / 2.5)
const HIGHEST = Math.log(5)
const PAD = 2

export class Sparkline {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext('2d')
    this.version = -1
  }

  /** Takes colours and size anew at the next drawing. */
  invalidate() {
    this.colours = undefined
  }

  measure() {
    const style = getComputedStyle(this.canvas)
    const colour = name => style.getPropertyValue(`--${name}`).trim()
    this.colours = { score: colour('score'), alarm: colour('alarm'), grid: colour('muted') }
    const ratio = devicePixelRatio
    this.width = this.canvas.clientWidth
    this.height = this.canvas.clientHeight
    this.canvas.width = Math.round(this.width * ratio)
    this.canvas.height = Math.round(this.height * ratio)
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
  }

  /** @param span ms of feed time that it shows; draws only when something has changed */
  draw(series, span) {
    if (this.colours && series.version === this.version) return
    if (!this.colours) this.measure()
    this.version = series.version
    const { context: c, width, height, colours } = this
    c.clearRect(0, 0, width, height)
    if (width < 10 || series.length === 0) return
    const to = series.lastEnd
    const first = Math.max(0, series.indexAt(to - span))
    const x = end => width - PAD - ((to - end) / span) * (width - 2 * PAD)
    const y = ratio => {
      const at = Math.min(HIGHEST, Math.max(LOWEST, Math.log(ratio)))
      return height - PAD - ((at - LOWEST) / (HIGHEST - LOWEST)) * (height - 2 * PAD)
    }
    const limit = y(1)
    c.strokeStyle = colours.grid
    c.globalAlpha = 0.4
    c.lineWidth = 1
    c.beginPath()
    c.moveTo(0, Math.round(limit) + 0.5)
    c.lineTo(width, Math.round(limit) + 0.5)
    c.stroke()
    c.globalAlpha = 1
    const path = this.path(series, first, span / 8, x, y)
    c.lineJoin = 'round'
    c.lineWidth = 1.5
    this.stroke(path, colours.score, limit, height - limit)
    this.stroke(path, colours.alarm, 0, limit)
  }

  path(series, first, gap, x, y) {
    const path = new Path2D()
    let before = Number.NEGATIVE_INFINITY
    for (let i = first; i < series.length; i++) {
      const end = series.end(i)
      const at = y(series.score(i) / series.threshold(i))
      if (end - before > gap) path.moveTo(x(end) - 1, at)
      path.lineTo(x(end), at)
      before = end
    }
    return path
  }

  stroke(path, colour, top, height) {
    const { context: c } = this
    c.save()
    c.beginPath()
    c.rect(0, top, this.width, height)
    c.clip()
    c.strokeStyle = colour
    c.stroke(path)
    c.restore()
  }
}
