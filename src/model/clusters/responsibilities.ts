/** Components this much less likely than the best one (in nats) have no part in a latent. */
export const NEGLIGIBLE = 12
/** Nor do those whose part is smaller than this learn from it. */
const LEAST_SHARE = 0.1

/**
 * Turns log-densities into the parts that components have in a latent, of sum 1; 0 for those that learn nothing from it.
 * @param logs `[size]` and more, −∞ for components that are out of the question; is overwritten
 * @param winner row of the largest
 * @returns the row of the second largest that is not negligible, or −1
 */
export function shareOut(logs: Float64Array, size: number, winner: number): number {
  const most = logs[winner]
  let total = 0
  let second = -1
  for (let row = 0; row < size; row++) {
    if (logs[row] < most - NEGLIGIBLE) {
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
