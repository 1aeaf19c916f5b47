import { seeded } from '../../../src/random.ts'

/** Latents of `classes` round classes, those of a class one after the other. Centres are the same whatever the seed. */
export function blobs(classes: number, each: number, d: number, seed = 5) {
  const centres = seeded(1234)
  const centre = Array.from({ length: classes * d }, () => 6 * centres.normal())
  const random = seeded(seed)
  const labels = Array.from({ length: classes * each }, (_, i) => Math.floor(i / each))
  const latents = Float32Array.from(
    { length: labels.length * d },
    (_, i) => centre[labels[Math.floor(i / d)] * d + (i % d)] + random.normal(),
  )
  return { latents, labels, d }
}

export const rowOf = (table: Float32Array, width: number, i: number): Float32Array =>
  table.subarray(i * width, (i + 1) * width)

/** Part of the ten nearest of `known` places that are of the same class, over all `places`. */
export function purityAmong(
  places: readonly Float32Array[],
  labels: readonly number[],
  known: Float32Array,
  knownLabels: readonly number[],
): number {
  const parts = places.map(([x, y], i) => {
    const nearest = knownLabels
      .map((label, j) => ({ label, far: Math.hypot(known[2 * j] - x, known[2 * j + 1] - y) }))
      .sort((a, b) => a.far - b.far)
      .slice(0, 10)
    return nearest.filter(({ label }) => label === labels[i]).length / nearest.length
  })
  return parts.reduce((a, b) => a + b) / parts.length
}
