import { describe, expect, it } from 'vitest'
import { bootstrapLosses, type ResampledSource, resample, spreadOf } from '../../src/train/retrain.ts'
import type { TrainerOptions } from '../../src/train/trainer.ts'
import { fakeProgram, inMemory } from './fake-program.ts'

const VALUES = [1, 2, 3, 4, 5, 6, 7, 8]
const training: TrainerOptions = {
  batch_size: 4,
  epochs: 3,
  learning_rate: 0.05,
  reduce_on_plateau: { factor: 0.5, patience: 0, min_delta: 0, min_lr: 0 },
  early_stopping: { patience: 0, min_delta: 0 },
  seed: 7,
  checkpoint: null,
  configHash: 'a',
  resume: false,
}

/** Takes each value as often as it is told. */
const source: ResampledSource = {
  windows: VALUES.length,
  items: VALUES.length,
  batches: (size, { times, ...options } = {}) =>
    inMemory(VALUES.flatMap((value, i) => Array(times?.[i] ?? 1).fill(value))).batches(size, options),
}
const data = { train: source, validation: inMemory([4, 5]) }

async function drawn(seed: number): Promise<number[]> {
  const values: number[] = []
  for await (const { items } of resample(source, seed).batches(4)) values.push(...items)
  return values
}

describe('resample', () => {
  it('takes as many windows as there are, some again and some not at all, by its seed', async () => {
    const first = await drawn(1)
    expect(first).toHaveLength(VALUES.length)
    expect(new Set(first).size).toBeLessThan(VALUES.length)
    expect(await drawn(1)).toEqual(first)
    expect(await drawn(2)).not.toEqual(first)
  })
})

describe('bootstrapLosses', () => {
  it('retrains with seeds of its own and gives mean and deviation', async () => {
    const seeds: number[] = []
    const createProgram = async (seed: number) => {
      seeds.push(seed)
      return fakeProgram()
    }
    const { runs, train_loss, validation_loss } = await bootstrapLosses({ n: 3, data, training, createProgram })
    expect(seeds).toEqual([8, 9, 10])
    expect(runs.map(({ seed, epochs, error }) => ({ seed, epochs, error }))).toEqual(
      seeds.map(seed => ({ seed, epochs: 3, error: null })),
    )
    expect(train_loss).toEqual(spreadOf(runs.map(run => run.train_loss!)))
    expect(validation_loss).toEqual(spreadOf(runs.map(run => run.validation_loss!)))
    expect(train_loss?.deviation).toBeGreaterThan(0)
  })

  it('goes on after a run that fails, and lists it', async () => {
    const createProgram = async (seed: number) => fakeProgram(seed === 8 ? { loss: () => Number.NaN } : {})
    const { runs, train_loss } = await bootstrapLosses({ n: 2, data, training, createProgram })
    expect(runs[0]).toMatchObject({ train_loss: null, error: 'the loss became NaN' })
    expect(train_loss).toEqual({ mean: runs[1].train_loss, deviation: null })
  })

  it('leaves out what was cut short', async () => {
    const abort = new AbortController()
    const onEpoch = (run: number) => run === 2 && abort.abort()
    const createProgram = async () => fakeProgram()
    const { signal } = abort
    const { runs } = await bootstrapLosses({ n: 5, data, training, createProgram, signal, onEpoch })
    expect(runs.map(({ seed }) => seed)).toEqual([8])
  })
})

describe('spreadOf', () => {
  it('divides by n − 1', () => {
    expect(spreadOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, deviation: Math.sqrt(32 / 7) })
    expect(spreadOf([])).toBeNull()
  })
})
