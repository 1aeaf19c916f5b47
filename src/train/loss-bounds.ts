import type { Loss } from '../model/loss-names.ts'

/**
 * What a loss lies between while a network learns.
 * @param items `[n × features]`
 * @returns `constant`: of the best constant for each feature; `least`: of the items themselves, which is above 0 for bce alone
 */
export function lossBounds(items: Float32Array, n: number, loss: Loss): { constant: number; least: number } {
  const size = items.length / n
  let constant = 0
  for (let feature = 0; feature < size; feature++) {
    const values = Array.from({ length: n }, (_, i) => items[i * size + feature])
    constant += ofConstant(values, loss) / size
  }
  const least = loss === 'bce' ? items.reduce((sum, x) => sum + crossEntropy(x, x), 0) / items.length : 0
  return { constant, least }
}

function ofConstant(values: readonly number[], loss: Loss): number {
  const average = (f: (x: number) => number) => values.reduce((sum, x) => sum + f(x), 0) / values.length
  const mean = average(x => x)
  switch (loss) {
    case 'mse':
      return average(x => (x - mean) ** 2)
    case 'smooth-l1':
      return average(x => (Math.abs(x - mean) < 1 ? (x - mean) ** 2 / 2 : Math.abs(x - mean) - 0.5))
    case 'bce':
      return average(x => crossEntropy(x, mean))
    case 'mae': {
      const median = values.toSorted((a, b) => a - b)[values.length >> 1]
      return average(x => Math.abs(x - median))
    }
  }
}

function crossEntropy(x: number, prediction: number): number {
  const p = Math.min(1 - EPSILON, Math.max(EPSILON, prediction))
  return -x * Math.log(p) - (1 - x) * Math.log(1 - p)
}

/** As the loss that is trained with, see elementLoss. */
const EPSILON = 1e-7
