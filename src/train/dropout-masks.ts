import type { Tensor } from '../model/engine.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import { seeded } from '../random.ts'
import { maskName } from './training-graph.ts'

/** What masks are made for. */
interface Dropout {
  readonly rate: number
  /** Shape of one item's mask. */
  readonly maskShape: readonly number[]
}

/**
 * Dropout masks `[…batch, …]` of some steps: 0, or 1 / (1 − rate) so that the expectation stays. `batch` is `[n]` for one step and
 * `[steps, n]` for several; seed and number of the step determine a mask.
 */
export function dropoutMasks(
  layers: readonly Dropout[],
  seed: number,
  batch: readonly number[],
  steps: readonly number[],
): Record<string, Tensor> {
  const masks = layers.map(({ rate, maskShape }, layer) => {
    const shape = [...batch, ...maskShape]
    const data = new Float32Array(sizeOf(shape))
    const size = data.length / steps.length
    const keep = 1 / (1 - rate)
    steps.forEach((step, k) => {
      const random = seeded(seed, step, layer)
      for (let i = k * size; i < (k + 1) * size; i++) data[i] = random.uniform() < rate ? 0 : keep
    })
    return [maskName(layer), { data, shape }]
  })
  return Object.fromEntries(masks)
}
