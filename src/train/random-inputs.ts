import type { RandomInput } from '../model/architectures/random-input.ts'
import type { Tensor } from '../model/engine.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import { seeded } from '../random.ts'
import { randomName } from './training-graph.ts'

/**
 * Random numbers `[…batch, …]` of some steps. `batch` is `[n]` for one step and `[steps, n]` for several; seed, phase and number of the
 * step determine them.
 * @param phase index of the phase
 */
export function randomInputs(
  inputs: readonly Pick<RandomInput, 'itemShape' | 'draw'>[],
  { seed, phase }: { seed: number; phase: number },
  batch: readonly number[],
  steps: readonly number[],
): Record<string, Tensor> {
  const tensors = inputs.map((input, index) => {
    const shape = [...batch, ...input.itemShape]
    const data = new Float32Array(sizeOf(shape))
    const size = data.length / steps.length
    steps.forEach((step, k) => {
      const random = phase === 0 ? seeded(seed, step, index) : seeded(seed, step, index, phase)
      for (let i = k * size; i < (k + 1) * size; i++) data[i] = input.draw(random)
    })
    return [randomName(index), { data, shape }]
  })
  return Object.fromEntries(tensors)
}
