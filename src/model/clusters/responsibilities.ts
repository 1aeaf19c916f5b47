/** Components whose part is smaller than this learn nothing from a latent. */
const LEAST_SHARE = 0.1

/**
 * Turns log-densities into the parts that components have in a latent, of sum 1; 0 for those that learn nothing from it.
 * @param logs `[size]` and more, −∞ for components that are out of the question; is overwritten
 * @param winner row of the largest
 * @param margin those that are this much smaller have no part
 * @returns the row of the second largest, or −1 where all others have no part
 */
export function shareOut(logs: Float64Array, size: number, winner: number, margin: number): number {
  const most = logs[winner]
  let total = 0
  let second = -1
  for (let row = 0; row < size; row++) {
    if (logs[row] < most - margin) {
      logs[row] = 0
      continue
    }
    // Those before it are densities already; they are in the same order.
    const density = Math.exp(logs[row] - most)
    if (row !== winner && (second < 0 || density > logs[second])) second = row
    logs[row] = density
    total += density
  }
  const least = LEAST_SHARE * total
  let kept = 0
  for (let row = 0; row < size; row++) {
    if (logs[row] < least) logs[row] = 0
    kept += logs[row]
  }
  for (let row = 0; row < size; row++) logs[row] /= kept
  return second
}
