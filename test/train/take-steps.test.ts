import { describe, expect, it } from 'vitest'
import type { Batch } from '../../src/train/feature-set.ts'
import { takeSteps } from '../../src/train/take-steps.ts'
import { trainNetwork } from '../../src/train/trainer.ts'
import { fakeProgram, inMemory } from './fake-program.ts'

/** A program that takes `count` steps in a run, and notes how many it was asked for. */
function several(count: number) {
  const program = fakeProgram()
  const runs: number[] = []
  const run = async (items: Float32Array, rate: number) => {
    runs.push(items.length)
    const losses = new Float32Array(items.length)
    for (let i = 0; i < items.length; i++) losses[i] = await program.step(items.subarray(i, i + 1), 1, rate)
    return losses
  }
  return { program: Object.assign(program, { several: { count, run } }), runs }
}

/** Batches of one item in memory that is used again, as a FeatureSet has it. */
async function* batchesOf(values: readonly number[]): AsyncGenerator<Batch> {
  const items = new Float32Array(1)
  for (const value of values) {
    items[0] = value
    yield { items, n: 1 }
  }
}

const VALUES = [3, 1, 4, 1, 5, 9, 2]

describe('takeSteps', () => {
  it('gives the losses of steps taken together as of steps taken alone', async () => {
    const alone: number[] = []
    for await (const steps of takeSteps(fakeProgram(), batchesOf(VALUES), 0.1)) {
      expect(steps).toHaveLength(1)
      alone.push(steps[0].loss)
    }
    const { program, runs } = several(3)
    const together: number[] = []
    for await (const steps of takeSteps(program, batchesOf(VALUES), 0.1)) {
      expect(steps.every(({ n }) => n === 1)).toBe(true)
      together.push(...steps.map(({ loss }) => loss))
    }
    expect(together).toEqual(alone.map(Math.fround))
    expect(runs).toEqual([3, 3, 1])
  })

  it('asks for nothing where there are no batches', async () => {
    const { program, runs } = several(3)
    for await (const _ of takeSteps(program, batchesOf([]), 0.1)) expect.unreachable()
    expect(runs).toEqual([])
  })

  it('trains to the same weights, with a report for every step', async () => {
    const options = {
      ...{ batch_size: 1, epochs: 3, seed: 1, checkpoint: null, configHash: '', resume: false, learning_rate: 0.1 },
      reduce_on_plateau: { factor: 0.5, patience: 0, min_delta: 0, min_lr: 0 },
      early_stopping: { patience: 0, min_delta: 0 },
    }
    const train = async (program: ReturnType<typeof fakeProgram>) => {
      const steps: number[] = []
      const data = { train: inMemory(VALUES), validation: null }
      const { history } = await trainNetwork(program, data, options, { onStep: ({ step }) => steps.push(step) })
      return { weight: program.weight, steps, losses: history.map(({ loss }) => Math.fround(loss)) }
    }
    const expected = await train(fakeProgram())
    const actual = await train(several(3).program)
    expect(actual.weight).toBe(expected.weight)
    expect(actual.steps).toEqual(expected.steps)
    expect(actual.losses.map((loss, i) => Math.abs(loss - expected.losses[i])).every(d => d < 1e-5)).toBe(true)
  })
})
