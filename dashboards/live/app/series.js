/** A step backwards in time beyond this is a feed that starts again. */
const RESTART_MS = 1000

/**
 * The latest scores of one source, oldest first: ends of windows (ms), scores, thresholds, and whether each is anomalous. Kept without holes in
 * arrays of twice the capacity, so that a chart can be given views of them; they grow up to it as they are filled.
 */
export class Series {
  constructor(capacity) {
    this.capacity = capacity
    this.clear()
  }

  clear() {
    this.begin = 0
    this.stop = 0
    this.allot(Math.min(512, 2 * this.capacity))
    this.version = (this.version ?? 0) + 1
  }

  /** Moves what is kept to the front of arrays of another size. */
  allot(size) {
    const move = (Type, old) => {
      const array = new Type(size)
      if (old) array.set(old.subarray(this.begin, this.stop))
      return array
    }
    this.ends = move(Float64Array, this.ends)
    this.scores = move(Float32Array, this.scores)
    this.thresholds = move(Float32Array, this.thresholds)
    this.flags = move(Uint8Array, this.flags)
    this.stop -= this.begin
    this.begin = 0
  }

  get length() {
    return this.stop - this.begin
  }

  get lastEnd() {
    return this.stop > this.begin ? this.ends[this.stop - 1] : undefined
  }

  /** @param message a `score` message, or an entry of /v1/sources/{name}/scores */
  push({ time, duration, score, threshold, anomalous }) {
    const end = time + duration * 1000
    if (this.length > 0 && end < this.lastEnd - RESTART_MS) this.clear()
    if (this.length === this.capacity) this.begin++
    if (this.stop === this.ends.length) this.makeRoom()
    const at = this.stop++
    this.ends[at] = end
    this.scores[at] = score
    this.thresholds[at] = threshold
    this.flags[at] = anomalous ? 1 : 0
    this.version++
  }

  makeRoom() {
    this.allot(this.length < this.capacity ? Math.min(2 * this.ends.length, 2 * this.capacity) : 2 * this.capacity)
  }

  end(i) {
    return this.ends[this.begin + i]
  }

  score(i) {
    return this.scores[this.begin + i]
  }

  threshold(i) {
    return this.thresholds[this.begin + i]
  }

  anomalous(i) {
    return this.flags[this.begin + i] === 1
  }

  /** A point as `push` takes it, without its duration. */
  point(i) {
    return {
      time: this.end(i),
      duration: 0,
      score: this.score(i),
      threshold: this.threshold(i),
      anomalous: this.anomalous(i),
    }
  }

  /**
   * Puts in what the daemon remembers, oldest first. Where both know a time, what is here is kept, except where it has holes that the
   * memory fills: points of here are those that the memory has nothing near of.
   */
  precede(past) {
    const here = Array.from({ length: this.length }, (_, i) => this.point(i))
    const ends = past.map(each => each.time + each.duration * 1000)
    const begin = ends[0]
    const stop = ends.at(-1)
    const merged = [...here.filter(point => point.time < begin), ...past, ...here.filter(point => point.time > stop)]
    this.clear()
    for (const point of merged) this.push(point)
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
