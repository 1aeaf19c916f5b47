import type { Loss } from '../loss-names.ts'
import type { Nodes } from './nodes.ts'

/** As losses.ts has it. */
const EPSILON = 1e-7
/** Most values of an error profile. */
const PROFILE = 16

/** Loss of each element `[n, m]`, the same as `elementLoss` computes. */
export function lossNodes(nodes: Nodes, loss: Loss, prediction: string, target: string): string {
  const difference = () => nodes.add('Sub', [prediction, target])
  switch (loss) {
    case 'mse': {
      const error = difference()
      return nodes.add('Mul', [error, error])
    }
    case 'mae':
      return nodes.add('Abs', [difference()])
    case 'smooth-l1': {
      const error = nodes.add('Abs', [difference()])
      const capped = nodes.add('Min', [error, nodes.scalar(1)])
      const half = nodes.add('Mul', [nodes.add('Mul', [capped, capped]), nodes.scalar(0.5)])
      return nodes.add('Sub', [nodes.add('Mul', [capped, error]), half])
    }
    case 'bce': {
      const one = nodes.scalar(1)
      const p = nodes.add('Max', [nodes.add('Min', [prediction, nodes.scalar(1 - EPSILON)]), nodes.scalar(EPSILON)])
      const positive = nodes.add('Mul', [target, nodes.add('Log', [p])])
      const rest = [nodes.add('Sub', [one, target]), nodes.add('Log', [nodes.add('Sub', [one, p])])]
      return nodes.add('Neg', [nodes.add('Add', [positive, nodes.add('Mul', rest)])])
    }
  }
}

/** Length of the error profile of features of `size` values whose last axis that is longer than 1 has `bins`. */
export const profileSize = (bins: number): number => Math.min(PROFILE, bins)

/**
 * In the place of a latent: the squared error `[n, m]` averaged over everything but the last axis (frequency), in up to 16 bands.
 * @returns `[n, d]`
 */
export function profileNodes(nodes: Nodes, squares: string, size: number, bins: number, output: string): string {
  const bands = profileSize(bins)
  const weights = new Float32Array(size * bands)
  const bandOf = (i: number) => Math.floor(((i % bins) * bands) / bins)
  const members = new Float64Array(bands)
  for (let i = 0; i < size; i++) members[bandOf(i)]++
  for (let i = 0; i < size; i++) weights[i * bands + bandOf(i)] = 1 / members[bandOf(i)]
  return nodes.add('MatMul', [squares, nodes.floats([size, bands], weights)], [], output)
}
