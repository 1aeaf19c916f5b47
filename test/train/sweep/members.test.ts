import { describe, expect, it } from 'vitest'
import type { z } from '../../../src/config.ts'
import { sweepSchema } from '../../../src/train/sweep/config.ts'
import { describeValues, memberConfigs, membersOf } from '../../../src/train/sweep/members.ts'

const members = (options: z.input<typeof sweepSchema>) => membersOf(sweepSchema.parse(options))
const raw = { input: { paths: ['recordings'] }, sweep: { parameters: { seed: [0] } } }
const configs = (parameters: Record<string, unknown[]>, base: object = raw) =>
  memberConfigs(base, members({ parameters }), id => `models/${id}`)
const failure = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error as { code: string; message: string }
  }
}

describe('membersOf', () => {
  it('makes every combination, the last parameter fastest', () => {
    const grid = members({ parameters: { 'training.learning_rate': [0.1, 0.2], seed: [0, 1, 2] } })
    expect(grid.map(({ id }) => id)).toEqual(['001', '002', '003', '004', '005', '006'])
    expect(grid.slice(2, 4).map(({ values }) => values)).toEqual([
      { 'training.learning_rate': 0.1, seed: 2 },
      { 'training.learning_rate': 0.2, seed: 0 },
    ])
  })

  it('draws combinations by its seed, none twice, all where there are fewer', () => {
    const parameters = { seed: Array.from({ length: 1000 }, (_, i) => i), 'split.seed': [0, 1, 2, 3] }
    const draw = (seed: number) => members({ parameters, method: 'random', n: 50, seed }).map(({ values }) => values)
    expect(new Set(draw(1).map(describeValues)).size).toBe(50)
    expect(draw(1)).toEqual(draw(1))
    expect(draw(2)).not.toEqual(draw(1))
    expect(members({ parameters: { seed: [1, 2] }, method: 'random', n: 9 })).toHaveLength(2)
  })

  it('refuses grids that nobody trains, and options that members have of their own', () => {
    const seed = Array.from({ length: 101 }, (_, i) => i)
    expect(failure(() => members({ parameters: { seed, 'split.seed': seed } }))?.message).toContain('10201')
    expect(failure(() => members({ parameters: { output: ['a'] } }))?.code).toBe('AUSCULT_CONFIG')
    expect(failure(() => members({ parameters: { 'sweep.n': [1] } }))?.code).toBe('AUSCULT_CONFIG')
  })
})

describe('memberConfigs', () => {
  it('gives each member its values and its output, and no sweep', () => {
    const [first, second] = configs({ 'training.learning_rate': [0.1, 0.2] })
    expect(first).toMatchObject({ output: 'models/001', training: { learning_rate: 0.1, epochs: 100 } })
    expect(second).toMatchObject({ output: 'models/002', training: { learning_rate: 0.2 } })
    expect(first.sweep).toBeUndefined()
  })

  it('keeps the type of a section that is not written', () => {
    const [config] = configs({
      'architecture.latent': [3],
      'front_end.n_mels': [64],
      'training.optimizer.beta1': [0.8],
    })
    expect(config.architecture).toMatchObject({ type: 'dense-ae', latent: 3 })
    expect(config.front_end).toMatchObject({ type: 'log-mel', stack: 5, n_mels: 64 })
    expect(config.training.optimizer).toMatchObject({ type: 'adam', beta1: 0.8 })
  })

  it('takes defaults by the type that a member has', () => {
    const [dense, conv] = configs({ 'architecture.type': ['dense-ae', 'conv1d-ae'] })
    expect(dense.architecture.type).toBe('dense-ae')
    expect(conv.architecture.type).toBe('conv1d-ae')
    const whole = configs({ architecture: [{ type: 'dense-ae', latent: 2 }, { type: 'conv1d-ae' }] })
    expect(whole.map(({ architecture }) => architecture.type)).toEqual(['dense-ae', 'conv1d-ae'])
  })

  it('reports every mistake once, with values that show it', () => {
    const error = failure(() => configs({ 'training.learning_rat': [1, 2], 'training.batch_size': [-1, 8] }))
    expect(error?.code).toBe('AUSCULT_CONFIG')
    expect(error?.message.match(/training\.learning_rat: unknown option/g)?.length).toBe(2)
    expect(error?.message).toContain('training.batch_size')
    expect(error?.message).toContain('(with training.learning_rat 1, training.batch_size -1)')
  })
})
