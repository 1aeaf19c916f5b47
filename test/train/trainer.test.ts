import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/train/checkpoint.ts'
import { type TrainerOptions, trainNetwork } from '../../src/train/trainer.ts'
import { fakeProgram, inMemory, phase } from './fake-program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trainer-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const options = (changes: Partial<TrainerOptions> = {}): TrainerOptions => ({
  batch_size: 4,
  epochs: 6,
  learning_rate: 0.05,
  reduce_on_plateau: { factor: 0.5, patience: 0, min_delta: 0, min_lr: 0 },
  early_stopping: { patience: 0, min_delta: 0 },
  seed: 1,
  checkpoint: join(folder, 'checkpoint'),
  configHash: 'a',
  resume: false,
  ...changes,
})
const data = { train: inMemory([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), validation: inMemory([5, 6, 7]) }

describe('trainNetwork', () => {
  it('runs every epoch, without the remainder of a batch, and reports them', async () => {
    const steps: [number, number, number][] = []
    const program = fakeProgram()
    const result = await trainNetwork(program, data, options(), {
      onStep: ({ epoch, step, steps: total }) => steps.push([epoch, step, total]),
    })
    expect(result.ended).toBe('epochs')
    expect(result.history.map(r => r.epoch)).toEqual([1, 2, 3, 4, 5, 6])
    expect(steps).toHaveLength(12)
    expect(steps.at(-1)).toEqual([6, 2, 2])
    expect(result.bestLoss).toBe(Math.min(...result.history.map(r => r.validation_loss!)))
  })

  it('gives the same weights for the same seed and others for another', async () => {
    const weights = async (seed: number) => {
      const program = fakeProgram()
      await trainNetwork(program, data, options({ seed }))
      return program.weight
    }
    expect(await weights(1)).toBe(await weights(1))
    expect(await weights(2)).not.toBe(await weights(1))
  })

  it('keeps the weights of the best epoch, not of the last', async () => {
    const program = fakeProgram()
    const before: number[] = []
    const diverging = options({ learning_rate: 1.2, epochs: 4 })
    const result = await trainNetwork(program, data, diverging, { onEpoch: () => before.push(program.weight) })
    expect(result.bestEpoch).toBeLessThan(4)
    expect(program.weight).toBe(before[result.bestEpoch - 1])
  })

  it('stops early, and lowers the rate on a plateau', async () => {
    const flat = { train: inMemory([3, 3, 3, 3]), validation: inMemory([3]) }
    const program = fakeProgram()
    program.weight = 3
    const reduce = { factor: 0.5, patience: 1, min_delta: 0, min_lr: 0 }
    const stop = { patience: 3, min_delta: 0 }
    const result = await trainNetwork(
      program,
      flat,
      options({ epochs: 50, reduce_on_plateau: reduce, early_stopping: stop }),
    )
    expect(result.ended).toBe('early-stopping')
    expect(result.history.map(r => r.learning_rate)).toEqual([0.05, 0.05, 0.025, 0.0125])
  })

  it('watches the training loss where there is no validation set', async () => {
    const result = await trainNetwork(fakeProgram(), { ...data, validation: null }, options())
    expect(result.history.every(r => r.validation_loss === null)).toBe(true)
    expect(result.bestLoss).toBe(Math.min(...result.history.map(r => r.loss)))
  })

  it('resumes to what an unbroken run gives, also after an aborted epoch', async () => {
    const unbroken = fakeProgram()
    const expected = await trainNetwork(unbroken, data, options())

    const abort = new AbortController()
    const broken = await trainNetwork(fakeProgram(), data, options(), {
      signal: abort.signal,
      onStep: ({ epoch, step }) => epoch === 4 && step === 1 && abort.abort(),
    })
    expect(broken.ended).toBe('interrupted')
    expect(broken.history).toHaveLength(4)
    expect(readCheckpoint(options().checkpoint!).history).toHaveLength(3)

    const resumed = fakeProgram()
    const result = await trainNetwork(resumed, data, options({ resume: true }))
    const timeless = (records: typeof result.history) => records.map(({ seconds: _, ...rest }) => rest)
    expect(resumed.weight).toBe(unbroken.weight)
    expect(timeless(result.history)).toEqual(timeless(expected.history))
    expect(result.bestEpoch).toBe(expected.bestEpoch)
  })

  it('does not go on where early stopping ended, unless told to be more patient', async () => {
    const slow = { epochs: 50, early_stopping: { patience: 2, min_delta: 0.99 } }
    const first = await trainNetwork(fakeProgram(), data, options(slow))
    expect(first.ended).toBe('early-stopping')
    const again = await trainNetwork(fakeProgram(), data, options({ ...slow, resume: true }))
    expect(again.history).toHaveLength(first.history.length)
    const patient = { epochs: 8, early_stopping: { patience: 0, min_delta: 0 }, resume: true }
    expect((await trainNetwork(fakeProgram(), data, options(patient))).history).toHaveLength(8)
  })

  it('refuses a checkpoint of another configuration, and none at all', async () => {
    await expect(trainNetwork(fakeProgram(), data, options({ resume: true }))).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_MISSING' }),
    )
    await trainNetwork(fakeProgram(), data, options())
    await expect(trainNetwork(fakeProgram(), data, options({ resume: true, configHash: 'b' }))).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG' }),
    )
  })

  it('keeps the best epoch and its checkpoint when a later one diverges, and says where', async () => {
    const program = fakeProgram({ loss: step => (step === 7 ? Number.NaN : undefined) })
    const weights: number[] = []
    const result = await trainNetwork(program, data, options(), { onEpoch: () => weights.push(program.weight) })
    expect(result.ended).toBe('diverged')
    expect(result.history).toHaveLength(3)
    expect(result.divergence).toMatchObject({ at: 'epoch 4, step 1', message: 'the loss became NaN' })
    expect(result.divergence?.remedy).toContain('learning_rate (it was 0.05')
    expect(program.weight).toBe(weights[result.bestEpoch - 1])
    expect(readCheckpoint(options().checkpoint!).history).toHaveLength(3)
  })

  it('does not keep weights that the last step of an epoch ruined', async () => {
    const program = fakeProgram({ ruin: step => step === 4 })
    const result = await trainNetwork(program, { ...data, validation: null }, options())
    expect(result).toMatchObject({ ended: 'diverged', bestEpoch: 1, divergence: { at: 'the end of epoch 2' } })
    expect(Number.isFinite(program.weight)).toBe(true)
  })

  it('fails, and says what to do, when the loss is not finite in the first epoch', async () => {
    const program = fakeProgram({ loss: step => (step === 2 ? Number.NaN : undefined) })
    await expect(trainNetwork(program, data, options())).rejects.toThrow(
      expect.objectContaining({
        code: 'AUSCULT_TRAINING',
        at: 'epoch 1, step 2',
        remedy: expect.stringContaining('learning_rate'),
      }),
    )
  })

  it('writes no checkpoint when told so, and learns nothing when aborted at once', async () => {
    await trainNetwork(fakeProgram(), data, options({ checkpoint: null }))
    expect(existsSync(join(folder, 'checkpoint'))).toBe(false)
    const signal = AbortSignal.abort()
    await expect(trainNetwork(fakeProgram(), data, options(), { signal })).rejects.toThrow('nothing was learned')
  })
})

describe('phases', () => {
  const two = [phase('first', 'last', 2), phase('second', 'best')]

  it('follow each other, each with its epochs, its schedule and fresh optimisers', async () => {
    const program = fakeProgram({ phases: two, refreshAt: 1 })
    const reports: string[] = []
    const reduce = { factor: 0.5, patience: 1, min_delta: 0.9, min_lr: 0 }
    const result = await trainNetwork(program, data, options({ epochs: 3, reduce_on_plateau: reduce }), {
      onStep: ({ epoch, epochs, phase, step }) => step === 1 && reports.push(`${phase} ${epoch}/${epochs}`),
    })
    expect(reports).toEqual(['first 1/5', 'first 2/5', 'second 3/5', 'second 4/5', 'second 5/5'])
    expect(result.history.map(record => record.phase)).toEqual(['first', 'first', 'second', 'second', 'second'])
    expect(program.entered).toEqual([1])
    // All items, without dropping the remainder, before the first epoch of each phase.
    expect(program.refreshed).toEqual([11, 11])
    // The first keeps its rate, since its loss says nothing; the second begins anew.
    expect(result.history.map(record => record.learning_rate)).toEqual([0.05, 0.05, 0.05, 0.05, 0.025])
    expect(result.bestEpoch).toBeGreaterThan(2)
  })

  it('go on from the last weights where a phase keeps these, and from the best otherwise', async () => {
    const weights: number[] = []
    const run = async (keep: 'best' | 'last') => {
      const program = fakeProgram({ phases: [phase('first', keep, 4), phase('second', 'best', 1)] })
      weights.length = 0
      const result = await trainNetwork(program, data, options({ learning_rate: 1.2 }), {
        onEpoch: () => weights.push(program.weight),
      })
      return { result, entered: weights.slice() }
    }
    const [last, best] = [await run('last'), await run('best')]
    expect(best.entered.slice(0, 4)).toEqual(last.entered.slice(0, 4))
    const validation = best.result.history.slice(0, 4).map(record => record.validation_loss!)
    expect(validation.indexOf(Math.min(...validation))).toBeLessThan(3)
    expect(best.entered[4]).not.toBe(last.entered[4])
  })

  it('are resumed in the one that was broken off', async () => {
    const unbroken = fakeProgram({ phases: two })
    const expected = await trainNetwork(unbroken, data, options({ epochs: 3 }))
    for (const stopAt of [2, 4]) {
      const abort = new AbortController()
      await trainNetwork(fakeProgram({ phases: two }), data, options({ epochs: 3 }), {
        signal: abort.signal,
        onStep: ({ epoch, step }) => epoch === stopAt && step === 1 && abort.abort(),
      })
      const resumed = fakeProgram({ phases: two })
      const result = await trainNetwork(resumed, data, options({ epochs: 3, resume: true }))
      expect(resumed.entered).toEqual([1])
      expect(resumed.weight).toBe(unbroken.weight)
      expect(result.history.map(record => [record.phase, record.loss])).toEqual(
        expected.history.map(record => [record.phase, record.loss]),
      )
      expect(result.bestEpoch).toBe(expected.bestEpoch)
    }
  })

  it('without updates compute what they need once, and give the loss of all training items', async () => {
    const program = fakeProgram({ phases: [{ name: 'fit', keep: 'best', updates: [] }], refreshAt: 1 })
    const result = await trainNetwork(program, data, options({ epochs: 50 }))
    expect(result.history).toHaveLength(1)
    expect(result.history[0].loss).toBeCloseTo(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].reduce((a, x) => a + x * x, 0) / 11,
      5,
    )
    expect(program.refreshed).toEqual([11])
  })
})
