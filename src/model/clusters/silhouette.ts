import { type Latents, squaredDistance } from './latents.ts'

/** Distances of all pairs, `[rows × rows]`. */
export function pairDistances({ data, rows, dimensions }: Latents): Float32Array {
  const distances = new Float32Array(rows * rows)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const distance = Math.sqrt(squaredDistance(data, i * dimensions, data, j * dimensions, dimensions))
      distances[i * rows + j] = distance
      distances[j * rows + i] = distance
    }
  }
  return distances
}

/**
 * Mean silhouette coefficient (Rousseeuw, 1987), as scikit-learn's `silhouette_score`; a row alone in its cluster counts 0.
 * @param distances `[rows × rows]`
 * @param labels `[rows]`, 0 to k − 1
 * @param k at least 2
 * @returns −1 to 1
 */
export function silhouette(distances: Float32Array, labels: Int32Array, k: number): number {
  const rows = labels.length
  const sizes = new Int32Array(k)
  for (const label of labels) sizes[label]++
  const sums = new Float64Array(k)
  let total = 0
  for (let i = 0; i < rows; i++) {
    sums.fill(0)
    for (let j = 0; j < rows; j++) sums[labels[j]] += distances[i * rows + j]
    const own = labels[i]
    if (sizes[own] === 1) continue
    const within = sums[own] / (sizes[own] - 1)
    let other = Number.POSITIVE_INFINITY
    for (let c = 0; c < k; c++) if (c !== own && sizes[c] > 0) other = Math.min(other, sums[c] / sizes[c])
    const larger = Math.max(within, other)
    if (larger > 0 && other < Number.POSITIVE_INFINITY) total += (other - within) / larger
  }
  return total / rows
}
