import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { trainConfigSchema } from '../../src/train/config.ts'
import { lossBounds } from '../../src/train/loss-bounds.ts'
import { formatOverfit, overfitOneBatch } from '../../src/train/overfit-batch.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeAll(() => {
  folder = workFolder('overfit')
  for (let i = 0; i < 4; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
})
afterAll(() => folder.remove())

async function verdictOf(training: object, architecture: object = {}) {
  const raw = {
    output: join(folder.path, 'model'),
    input: { paths: [join(folder.path, 'normal')] },
    front_end: { type: 'raw', sample_rate: 1000, window_samples: 100 },
    architecture: { type: 'dense-ae', hidden: [32], latent: 4, ...architecture },
    training: { batch_size: 8, learning_rate: 0.003, ...training },
  }
  const result = await overfitOneBatch(checkConfig(raw, trainConfigSchema, 'test'))
  expect(existsSync(join(folder.path, 'model'))).toBe(false)
  return result
}

describe('overfitOneBatch', () => {
  it('says that a network learns, and when', async () => {
    const result = await verdictOf({})
    expect(result).toMatchObject({ verdict: 'learns', items: 8, advice: [] })
    expect(result.last_loss).toBeLessThan(0.1 * result.constant_loss)
    expect(formatOverfit(result)).toMatch(/^verdict {4}the network learns/)
  })

  it('says that it is stuck, and what to try', async () => {
    const result = await verdictOf({ learning_rate: 1e-7 })
    expect(result.verdict).toBe('stuck')
    expect(result.steps).toBe(1000)
    expect(formatOverfit(result)).toMatch(/try {8}.*learning_rate/)
  })

  it('says that it diverges, and at which step', async () => {
    const result = await verdictOf({ learning_rate: 1e30, optimizer: { type: 'sgd' } })
    expect(result.verdict).toBe('diverged')
    expect(result.advice).toEqual([
      expect.stringMatching(/^step \d+: the loss became/),
      expect.stringContaining('1e+30'),
    ])
  })
})

describe('lossBounds', () => {
  // Two items of two features.
  const items = Float32Array.of(0.25, 1, 0.75, 1)
  it.each([
    ['mse', 0.0625 / 2, 0],
    ['mae', 0.25 / 2, 0],
    ['smooth-l1', 0.0625 / 4, 0],
  ] as const)('of %s', (loss, constant, least) => {
    const bounds = lossBounds(items, 2, loss)
    expect(bounds.constant).toBeCloseTo(constant, 6)
    expect(bounds.least).toBe(least)
  })

  it('of bce, which is above 0 for the items themselves', () => {
    const { constant, least } = lossBounds(items, 2, 'bce')
    expect(constant).toBeCloseTo(Math.LN2 / 2, 5)
    expect(least).toBeCloseTo((-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75)) / 2, 5)
  })
})
