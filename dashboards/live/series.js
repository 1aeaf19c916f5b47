/** Most points kept of one source. */
const CAPACITY = 24_000
/** A step backwards in time beyond this is a feed that starts again. */
const RESTART_MS = 1000

/** The latest scores of one source, oldest first, in a ring. */
export class Series {
  constructor(source) {
    this.source = source
    this.clear()
  }

  clear() {
    this.ends = new Float64Array(CAPACITY)
    this.scores = new Float32Array(CAPACITY)
    this.first = 0
    this.length = 0
    this.last = undefined
  }

  /** @param message a `score` message of the stream */
  push(message) {
    const end = message.time + message.duration * 1000
    if (this.last && end < this.lastEnd - RESTART_MS) this.clear()
    const at = (this.first + this.length) % CAPACITY
    this.ends[at] = end
    this.scores[at] = message.score
    if (this.length < CAPACITY) this.length++
    else this.first = (this.first + 1) % CAPACITY
    this.last = message
    this.lastEnd = end
  }

  end(i) {
    return this.ends[(this.first + i) % CAPACITY]
  }

  score(i) {
    return this.scores[(this.first + i) % CAPACITY]
  }

  /** Index of the first point that ends at or after `time`. */
  indexAt(time) {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.end(middle) < time) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Index of the point nearest to `time`, or -1 when there is none. */
  nearest(time) {
    if (this.length === 0) return -1
    const after = Math.min(this.indexAt(time), this.length - 1)
    return after > 0 && time - this.end(after - 1) < this.end(after) - time ? after - 1 : after
  }
}
