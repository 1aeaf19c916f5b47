/** Of umap-learn: how near the sum of memberships must come, and the least width in parts of the mean distance. */
const TOLERANCE = 1e-5
const LEAST_WIDTH = 1e-3
const STEPS = 64

/**
 * How much a new point belongs to each of its neighbours, as UMAP has it when it places new data: exp(−distance / σ), with the σ for which
 * the memberships of all but the nearest add up to log₂ k (McInnes, Healy and Melville, 2018, §3.1, Algorithm 3). The ρ of that section,
 * the distance to the nearest neighbour, is 0 for new data: they need not be connected to anything.
 * @param distances `[k]`, ascending
 * @returns `[k]`, 0 to 1
 */
export function memberships(distances: Float64Array): Float64Array {
  const k = distances.length
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / k
  const width = Math.max(LEAST_WIDTH * mean, bisect(distances, mean, Math.log2(k)))
  return distances.map(distance => (distance <= 0 ? 1 : Math.exp(-distance / width)))
}

function bisect(distances: Float64Array, start: number, target: number): number {
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let width = start
  for (let step = 0; step < STEPS; step++) {
    let sum = 0
    for (let j = 1; j < distances.length; j++) sum += distances[j] > 0 ? Math.exp(-distances[j] / width) : 1
    if (Math.abs(sum - target) < TOLERANCE) break
    if (sum > target) high = width
    else low = width
    width = high === Number.POSITIVE_INFINITY ? 2 * width : (low + high) / 2
  }
  return width
}
