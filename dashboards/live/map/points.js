/** New windows that are kept; the oldest go first. */
const MOST = 8000

/**
 * What lies on the map: windows of the training, and new ones in the order in which they were placed. A point is
 * `{ isNew, source, window, time, score, anomalous, cluster, map: [x, y], pca: [x, y] }`.
 */
export class Points {
  constructor() {
    this.training = []
    this.fresh = []
    this.after = undefined
    this.hidden = new Set()
    this.source = ''
    this.showTraining = true
    this.layout = 'map'
  }

  /** @param map as /v1/map gives it */
  setTraining({ places, pca, windows, clusters, scores }) {
    this.training = places.map((place, i) => ({
      isNew: false,
      window: windows?.[i],
      score: scores?.[i],
      anomalous: false,
      cluster: clusters?.[i] ?? undefined,
      map: place,
      pca: pca.places[i],
    }))
  }

  /** @param points as /v1/map/points gives them @returns whether any of them is new */
  add(points) {
    for (const { place, ...point } of points) this.fresh.push({ ...point, isNew: true, map: place })
    if (this.fresh.length > MOST) this.fresh.splice(0, this.fresh.length - MOST)
    if (points.length > 0) this.after = points.at(-1).seq
    return points.length > 0
  }

  sources() {
    return [...new Set(this.fresh.map(({ source }) => source))].sort()
  }

  /** Whether the legend and the choice of the source let it be seen. */
  isShown(point) {
    if (this.hidden.has(point.cluster)) return false
    return point.isNew ? this.source === '' || point.source === this.source : this.showTraining
  }

  /** Those that are to be seen, the training first, then from the oldest to the newest. */
  shown() {
    return [...this.training, ...this.fresh].filter(point => this.isShown(point))
  }

  placeOf(point) {
    return point[this.layout]
  }

  /** How many windows of each cluster there are: `{ training, fresh, anomalous }` by id, or undefined for none. */
  counts() {
    const counts = new Map()
    for (const { cluster, isNew, anomalous } of [...this.training, ...this.fresh]) {
      const count = counts.get(cluster) ?? { training: 0, fresh: 0, anomalous: 0 }
      counts.set(cluster, count)
      if (isNew) count.fresh++
      else count.training++
      if (anomalous) count.anomalous++
    }
    return counts
  }

  /** The smallest rectangle around all places of the layout: `{ left, right, bottom, top }`. */
  bounds() {
    const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity }
    for (const point of [...this.training, ...this.fresh]) {
      const [x, y] = this.placeOf(point)
      box.left = Math.min(box.left, x)
      box.right = Math.max(box.right, x)
      box.bottom = Math.min(box.bottom, y)
      box.top = Math.max(box.top, y)
    }
    return box.left === Infinity ? { left: 0, right: 1, bottom: 0, top: 1 } : box
  }

  /** A place in the middle of each cluster, where its name may be written: the median of its windows of the training, or of the new ones. */
  centres() {
    const members = new Map()
    for (const point of [...this.training, ...this.fresh]) {
      if (point.cluster === undefined || this.hidden.has(point.cluster)) continue
      const group = members.get(point.cluster) ?? { training: [], fresh: [] }
      members.set(point.cluster, group)
      group[point.isNew ? 'fresh' : 'training'].push(this.placeOf(point))
    }
    return [...members].map(([cluster, { training, fresh }]) => {
      const places = training.length > 0 ? training : fresh
      return { cluster, size: places.length, place: [0, 1].map(axis => median(places.map(place => place[axis]))) }
    })
  }
}

const median = values => values.sort((a, b) => a - b)[values.length >> 1]
