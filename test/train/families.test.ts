import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { readBundle } from '../../src/model/bundle.ts'
import { type TrainConfig, trainConfigSchema } from '../../src/train/config.ts'
import { overfitOneBatch } from '../../src/train/overfit-batch.ts'
import { runTraining } from '../../src/train/train.ts'
import { meanHumScores } from './hum-scores.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeAll(() => {
  folder = workFolder('families')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
})
afterAll(() => folder.remove())

function config(architecture: object, training: object = {}): TrainConfig {
  const raw = {
    output: join(folder.path, 'model'),
    input: { paths: [join(folder.path, 'normal')] },
    front_end: { type: 'raw', sample_rate: 1000, window_samples: 100 },
    architecture,
    // Too few for a map, which would take longer than the training.
    map: { points: 10 },
    training: { epochs: 5, batch_size: 16, learning_rate: 0.003, ...training },
  }
  return checkConfig(raw, trainConfigSchema, 'test')
}

const DEEP_SVDD = {
  type: 'deep-svdd',
  objective: 'soft-boundary',
  hidden: [24, 16],
  latent: 8,
  warm_up_epochs: 1,
  pretrain: { epochs: 2 },
}
const F_ANOGAN = { type: 'f-anogan', hidden: [24], latent: 4, critic_steps: 2, gan_epochs: 3 }

describe.each([
  ['deep-svdd', DEEP_SVDD, ['pretraining', 'soft-boundary'], 7],
  ['f-anogan', F_ANOGAN, ['gan', 'encoder'], 8],
] as const)('training %s', (_type, architecture, phases, epochs) => {
  it('goes through its phases to a bundle that tells a shrill hum from a normal one', async () => {
    const longer = config({ ...architecture, ...('gan_epochs' in architecture && { gan_epochs: 30 }) }, { epochs: 20 })
    const { bundleFolder, summary } = await runTraining(longer, { checkpoint: false })
    expect(summary.warnings.join()).not.toContain('collapsed')
    const report = readFileSync(join(bundleFolder, 'report.html'), 'utf8')
    for (const phase of phases) expect(report).toContain(phase)
    const { normal, shrill } = await meanHumScores(bundleFolder)
    expect(normal).toBeGreaterThan(0)
    expect(shrill).toBeGreaterThan(1.5 * normal)
  })

  it('resumes in its second phase to the weights of an unbroken run', async () => {
    const unbroken = await runTraining(config(architecture))
    expect(unbroken.summary.epochs).toBe(epochs)
    const expected = (await readBundle(unbroken.bundleFolder)).model
    await runTraining(config(architecture, { epochs: 2 }))
    const resumed = await runTraining(config(architecture), { resume: true })
    expect(resumed.summary.epochs).toBe(epochs)
    expect(Buffer.from((await readBundle(resumed.bundleFolder)).model).equals(expected)).toBe(true)
  })
})

describe('deep-svdd', () => {
  it('warns when it has collapsed', async () => {
    const decayed = { type: 'deep-svdd', hidden: [16], latent: 4, batch_norm: false, weight_decay: 100 }
    const { summary, bundleFolder } = await runTraining(config(decayed, { epochs: 30, learning_rate: 0.01 }), {
      checkpoint: false,
    })
    expect(summary.warnings).toContainEqual(expect.stringMatching(/collapsed.*weight_decay/))
    expect(readFileSync(join(bundleFolder, 'report.html'), 'utf8')).toContain('collapsed')
  })
})

describe('--overfit-one-batch', () => {
  it.each([
    ['deep-svdd', { type: 'deep-svdd' }],
    ['f-anogan', { type: 'f-anogan' }],
  ])('is refused for %s, which has no reconstruction to learn by heart', async (type, architecture) => {
    await expect(overfitOneBatch(config(architecture))).rejects.toThrow(
      expect.objectContaining({
        code: 'AUSCULT_CONFIG',
        at: 'architecture.type',
        message: expect.stringContaining(type),
        remedy: expect.stringContaining('report.html'),
      }),
    )
  })

  it('asks whether the autoencoder learns that deep-svdd begins with', async () => {
    const { verdict } = await overfitOneBatch(config({ ...DEEP_SVDD, latent: 16, batch_norm: false }))
    expect(verdict).toBe('learns')
  })
})
