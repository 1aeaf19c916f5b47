import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { readBundle } from '../../src/model/bundle.ts'
import { type TrainConfig, trainConfigSchema } from '../../src/train/config.ts'
import { runTraining } from '../../src/train/train.ts'
import { meanHumScores } from './hum-scores.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeAll(() => {
  folder = workFolder('alad')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
})
afterAll(() => folder.remove())

function config(architecture: object, training: object = {}): TrainConfig {
  const raw = {
    output: `${folder.path}/model`,
    input: { paths: [`${folder.path}/normal`] },
    front_end: { type: 'raw', sample_rate: 1000, window_samples: 100, normalization: 'symmetric' },
    architecture: { type: 'alad', hidden: 16, latent: 4, moving_average: 0.9, ...architecture },
    training: { epochs: 3, batch_size: 16, learning_rate: 0.002, ...training },
    engine: { device: 'cpu', threads: 1 },
    clusters: { method: 'kmeans', k: 2 },
    map: { method: 'none' },
  }
  return checkConfig(raw, trainConfigSchema, 'test')
}

describe('training alad', () => {
  it('tells a shrill hum from a normal one', async () => {
    const { bundleFolder } = await runTraining(config({ score: 'l1' }, { epochs: 25 }), { checkpoint: false })
    const { normal, shrill } = await meanHumScores(bundleFolder)
    expect(normal).toBeGreaterThan(0)
    expect(shrill).toBeGreaterThan(1.2 * normal)
  })

  it('resumes to the weights of an unbroken run, moving averages included', async () => {
    const unbroken = await runTraining(config({}))
    const expected = (await readBundle(unbroken.bundleFolder)).model
    await runTraining(config({}, { epochs: 2 }))
    const resumed = await runTraining(config({}), { resume: true })
    expect(resumed.summary.epochs).toBe(3)
    expect(Buffer.from((await readBundle(resumed.bundleFolder)).model).equals(expected)).toBe(true)
    const plain = await runTraining(config({ moving_average: null }), { checkpoint: false })
    expect(Buffer.from((await readBundle(plain.bundleFolder)).model).equals(expected)).toBe(false)
  })
})
