import { boundedSquaredDistance } from './latents.ts'
import { Rows } from './rows.ts'

/** Columns of `facts`: the weighted sum of squared distances to the centre, the step it began at, whether it is dense, its cluster's id. */
const [WEIGHT, SQUARES, BORN, DENSE, CLUSTER] = [0, 1, 2, 3, 4]
export const FACTS = 5

/** Micro-clusters (Cao et al., 2006): summaries of latents that lie close together, in the order in which they began. */
export class MicroClusters {
  readonly dimensions: number
  readonly centres: Rows
  readonly facts: Rows
  count = 0
  /** Squared distance of what `nearest` found. */
  squared = 0

  constructor(capacity: number, dimensions: number) {
    this.dimensions = dimensions
    this.centres = new Rows(capacity, dimensions)
    this.facts = new Rows(capacity, FACTS)
  }

  weight(row: number): number {
    return this.facts.data[row * FACTS + WEIGHT]
  }

  squares(row: number): number {
    return this.facts.data[row * FACTS + SQUARES]
  }

  born(row: number): number {
    return this.facts.data[row * FACTS + BORN]
  }

  isDense(row: number): boolean {
    return this.facts.data[row * FACTS + DENSE] === 1
  }

  setDense(row: number): void {
    this.facts.data[row * FACTS + DENSE] = 1
  }

  cluster(row: number): number {
    return this.facts.data[row * FACTS + CLUSTER]
  }

  setCluster(row: number, id: number): void {
    this.facts.data[row * FACTS + CLUSTER] = id
  }

  fade(by: number): void {
    const { data } = this.facts
    for (let at = 0; at < this.count * FACTS; at += FACTS) {
      data[at + WEIGHT] *= by
      data[at + SQUARES] *= by
    }
  }

  /** Row of the nearest centre among the dense ones, or among the others, and its squared distance; −1 where there is none. */
  nearest(points: Float64Array, at: number, dense: boolean): number {
    let found = -1
    let least = Number.POSITIVE_INFINITY
    for (let row = 0; row < this.count; row++) {
      if (this.isDense(row) !== dense) continue
      const squared = this.squaredTo(points, at, row, least)
      if (squared < least) {
        least = squared
        found = row
      }
    }
    this.squared = least
    return found
  }

  /** Squared distance to a centre; where it is more than the bound, something more than the bound. */
  squaredTo(points: Float64Array, at: number, row: number, bound: number): number {
    const { dimensions: d, centres } = this
    return boundedSquaredDistance(points, at, centres.data, row * d, d, bound)
  }

  /** Root mean squared distance to the centre. */
  radius(row: number): number {
    return Math.sqrt(this.squares(row) / this.weight(row))
  }

  /** Distance of two centres, in units of the mean of both radii. */
  relativeDistance(a: number, b: number): number {
    const squared = this.squaredTo(this.centres.data, a * this.dimensions, b, Number.POSITIVE_INFINITY)
    return squared > 0 ? Math.sqrt(squared) / ((this.radius(a) + this.radius(b)) / 2) : 0
  }

  /** The radius (root mean squared distance to the centre) that it has once it holds a latent at that squared distance. */
  radiusWith(row: number, squared: number): number {
    const weight = this.weight(row)
    return Math.sqrt((this.squares(row) + (squared * weight) / (weight + 1)) / (weight + 1))
  }

  insert(row: number, latent: Float64Array, squared: number): void {
    const { data } = this.facts
    const at = row * FACTS
    const weight = data[at + WEIGHT] + 1
    data[at + SQUARES] += (squared * data[at + WEIGHT]) / weight
    data[at + WEIGHT] = weight
    const centres = this.centres.data
    const from = row * this.dimensions
    for (let j = 0; j < this.dimensions; j++) centres[from + j] += (latent[j] - centres[from + j]) / weight
  }

  /** All micro-clusters of a cluster together: what they hold, its mean, and the root mean squared distance to that. */
  summary(cluster: number): { weight: number; centre: Float64Array; radius: number } {
    const rows = Array.from({ length: this.count }, (_, row) => row).filter(row => this.cluster(row) === cluster)
    const weight = rows.reduce((sum, row) => sum + this.weight(row), 0)
    const centre = new Float64Array(this.dimensions)
    for (const row of rows) {
      const share = this.weight(row) / weight
      this.centres.row(row).forEach((value, j) => {
        centre[j] += share * value
      })
    }
    const around = (row: number) => this.weight(row) * this.squaredTo(centre, 0, row, Number.POSITIVE_INFINITY)
    const squares = rows.reduce((sum, row) => sum + this.squares(row) + around(row), 0)
    return { weight, centre, radius: Math.sqrt(squares / weight) }
  }

  /** Appends one of a single latent. @returns its row */
  begin(latent: Float64Array, step: number, cluster: number): number {
    const row = this.count++
    this.centres.set(row, latent)
    this.facts.set(row, [1, 0, step, 0, cluster])
    return row
  }

  /** Appends a copy of another table's row. */
  take(from: MicroClusters, row: number): void {
    const place = this.count++
    this.centres.set(place, from.centres.row(row))
    this.facts.set(place, from.facts.row(row))
  }

  remove(row: number): void {
    this.centres.remove(row)
    this.facts.remove(row)
    this.count--
  }
}
