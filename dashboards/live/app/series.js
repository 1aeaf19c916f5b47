/** A window that is older than the newest by less came late; by more the clock of the feed was set back, or the feed begins again. */
const LATE_MS = 60_000

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
    if (this.length > 0 && end < this.lastEnd - LATE_MS) this.stop = this.begin + this.indexAt(end)
    if (this.length === this.capacity) this.begin++
    if (this.stop === this.ends.length) this.makeRoom()
    // What came late goes to its place: charts want times that rise.
    let at = this.stop++
    for (; at > this.begin && this.ends[at - 1] > end; at--) this.copy(at - 1, at)
    this.ends[at] = end
    this.scores[at] = score
    this.thresholds[at] = threshold
    this.flags[at] = anomalous ? 1 : 0
    this.version++
  }

  copy(from, to) {
    this.ends[to] = this.ends[from]
    this.scores[to] = this.scores[from]
    this.thresholds[to] = this.thresholds[from]
    this.flags[to] = this.flags[from]
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
   * Puts in what the daemon remembers, oldest first.
   * @param kept time (ms) up to which what is here is whole and stays; what came after it may have holes, which are filled
   */
  fill(past, kept) {
    const here = Array.from({ length: this.length }, (_, i) => this.point(i))
    const whole = here.filter(point => point.time <= kept)
    const begin = whole[0]?.time ?? Number.POSITIVE_INFINITY
    const endOf = ({ time, duration }) => time + duration * 1000
    const filling = past.filter(each => endOf(each) > kept)
    const known = filling.length > 0 ? endOf(filling.at(-1)) : kept
    const fresh = here.filter(point => point.time > kept && point.time > known)
    this.clear()
    for (const point of [
      ...past.filter(each => endOf(each) < begin && endOf(each) <= kept),
      ...whole,
      ...filling,
      ...fresh,
    ]) {
      this.push(point)
    }
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
