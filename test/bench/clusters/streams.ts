import { type Random, seeded } from '../../../src/random.ts'

/** Labelled latents in the order in which they come. */
export interface LabelledLatents {
  readonly name: string
  readonly dimensions: number
  /** `[n × d]` */
  readonly latents: Float32Array
  readonly labels: readonly (number | string)[]
  /** Whether the clusters move, so that their order counts. */
  readonly moving?: boolean
}

interface Cloud {
  centre: Float64Array
  /** `[d × d]`: what a normal vector is multiplied with. */
  shape: Float64Array
}

function clouds(k: number, d: number, apart: number, stretch: number, random: Random): Cloud[] {
  return Array.from({ length: k }, () => {
    const centre = Float64Array.from({ length: d }, () => apart * random.normal())
    const shape = Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : 0))
    for (let i = 0; i < d * d; i++)
      shape[i] = shape[i] * (0.3 + random.uniform()) + (stretch * random.normal()) / Math.sqrt(d)
    return { centre, shape }
  })
}

function draw({ centre, shape }: Cloud, out: Float32Array, at: number, random: Random): void {
  const d = centre.length
  const noise = Float64Array.from({ length: d }, () => random.normal())
  for (let i = 0; i < d; i++) {
    let value = centre[i]
    for (let j = 0; j < d; j++) value += shape[i * d + j] * noise[j]
    out[at + i] = value
  }
}

/** Gaussians of different sizes and shapes. */
export function blobs(seed: number, { k = 8, d = 32, n = 3000, apart = 1.5, stretch = 0.5 } = {}): LabelledLatents {
  const random = seeded(seed, 1)
  const all = clouds(k, d, apart, stretch, random)
  const latents = new Float32Array(n * d)
  const labels = Array.from({ length: n }, (_, i) => {
    const label = Math.floor(k * random.uniform() ** 1.5)
    draw(all[label], latents, i * d, random)
    return label
  })
  return { name: `blobs, ${d} dimensions`, dimensions: d, latents, labels }
}

/** Gaussians that wander, each several times its own width. */
export function drifting(seed: number, { k = 5, d = 8, n = 6000, apart = 4, distance = 10 } = {}): LabelledLatents {
  const random = seeded(seed, 2)
  const all = clouds(k, d, apart, 0.2, random)
  const ways = all.map(() => Float64Array.from({ length: d }, () => random.normal() / Math.sqrt(d)))
  const latents = new Float32Array(n * d)
  const labels = Array.from({ length: n }, (_, i) => {
    const label = random.integer(k)
    const { centre, shape } = all[label]
    const moved = centre.map((value, j) => value + (distance * i * ways[label][j]) / n)
    draw({ centre: moved, shape }, latents, i * d, random)
    return label
  })
  return { name: `drifting, ${d} dimensions`, dimensions: d, latents, labels, moving: true }
}

/** The same in another order. */
export function shuffled(of: LabelledLatents, seed: number): LabelledLatents {
  if (of.moving) return of
  const { dimensions: d, labels } = of
  const order = seeded(seed, 3).shuffle([...labels.keys()])
  const latents = new Float32Array(of.latents.length)
  order.forEach((from, to) => {
    latents.set(of.latents.subarray(from * d, (from + 1) * d), to * d)
  })
  return { ...of, latents, labels: order.map(i => labels[i]) }
}
