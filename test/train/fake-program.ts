import { seeded } from '../../src/random.ts'
import type { State, TrainingProgram } from '../../src/train/program.ts'
import type { BatchSource } from '../../src/train/trainer.ts'

/**
 * A program with one weight w and the loss mean((x − w)²), trained by plain gradient descent.
 * @param options.loss another loss of a step; @param options.ruin whether a step leaves an infinite weight
 */
export function fakeProgram(
  options: {
    loss?: (step: number) => number | undefined
    ruin?: (step: number) => boolean
    phases?: TrainingProgram['phases']
    refreshAt?: number
  } = {},
): TrainingProgram & { weight: number; entered: number[]; refreshed: number[] } {
  let steps = 0
  const mean = (items: Float32Array, f: (x: number) => number) => items.reduce((sum, x) => sum + f(x), 0) / items.length
  const program = {
    weight: 0,
    latentSize: 1,
    device: 'cpu',
    passedOver: [],
    phases: options.phases ?? [phase('all', 'best')],
    enter: async (next: number) => {
      program.entered.push(next)
      steps = 0
    },
    entered: [] as number[],
    needsRefresh: (epoch: number) => epoch === options.refreshAt,
    async refresh(batches: AsyncIterable<{ n: number }>) {
      let items = 0
      for await (const { n } of batches) items += n
      program.refreshed.push(items)
    },
    refreshed: [] as number[],
    async step(items: Float32Array, _n: number, rate: number) {
      steps++
      const loss = options.loss?.(steps) ?? mean(items, x => (x - program.weight) ** 2)
      program.weight = Math.fround(program.weight + 2 * rate * mean(items, x => x - program.weight))
      if (options.ruin?.(steps)) program.weight = Number.POSITIVE_INFINITY
      return loss
    },
    evaluate: async (items: Float32Array) => mean(items, x => (x - program.weight) ** 2),
    snapshot: async (): Promise<State> => ({
      weights: { data: Float32Array.of(program.weight), shape: [1] },
      step: { data: Float32Array.of(steps), shape: [] },
    }),
    restore(state: State) {
      program.weight = state.weights.data[0]
      steps = state.step.data[0]
    },
    exportModel: async () => new Uint8Array(0),
    release: async () => {},
  }
  return program
}

/** The trainer looks at whether there are updates. */
const unused = () => {
  throw new Error('the fake has a loss of its own')
}

/** A phase of `epochs`, or of as many as the trainer is told. */
export const phase = (name: string, keep: 'best' | 'last', epochs?: number): TrainingProgram['phases'][number] => ({
  name,
  keep,
  epochs,
  updates: [{ part: 'weights', loss: unused }],
})

/** Items in memory, shuffled as a FeatureSet does. */
export const inMemory = (values: readonly number[]): BatchSource => ({
  items: values.length,
  async *batches(size, { shuffle, dropRemainder } = {}) {
    const order = shuffle ? seeded(shuffle.seed, shuffle.epoch).shuffle([...values]) : [...values]
    for (let i = 0; i < order.length; i += size) {
      const items = Float32Array.from(order.slice(i, i + size))
      if (items.length === size || !dropRemainder) yield { items, n: items.length }
    }
  },
})
