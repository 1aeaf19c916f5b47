import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { readBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { trainConfigSchema } from '../../src/train/config.ts'
import { overfitOneBatch } from '../../src/train/overfit-batch.ts'
import { runTraining } from '../../src/train/train.ts'
import { formatTrainSummary } from '../../src/train/train-progress.ts'
import { relativeDifference } from '../helpers/traced.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeAll(() => {
  folder = workFolder('without-gradients')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(4000, i))
})
afterAll(() => folder.remove())

const front_end = { type: 'log-mel', sample_rate: 1000, window_samples: 400, n_fft: 128, hop_length: 64, n_mels: 16 }

const configOf = (name: string, architecture: object, others: object = {}) =>
  checkConfig(
    {
      output: join(folder.path, name),
      input: { paths: [join(folder.path, 'normal')] },
      front_end: { ...front_end, stack: architecture && 'hidden' in architecture ? 2 : null },
      architecture,
      map: { method: 'none' },
      ...others,
    },
    trainConfigSchema,
    name,
  )

const train = (...args: Parameters<typeof configOf>) => runTraining(configOf(...args), { checkpoint: false })

async function scoresOf(bundle: string, engine: 'onnx' | 'tfjs' = 'onnx') {
  const scorer = await loadScorer(bundle, { engine, device: engine === 'onnx' ? 'cpu' : 'auto', threads: 1 })
  const windows = Float32Array.from([...hum(400, 50), ...hum(400, 51, 0.6)])
  const { scores } = await scorer.score(windows, 2)
  await scorer.close()
  return scores
}

describe.each([
  ['none', { type: 'none' }, 16],
  ['pca', { type: 'pca', components: 5, items: 40 }, 5],
  ['pca of a share', { type: 'pca', components: 0.9, whiten: true }, undefined],
])('%s', (name, architecture, latent) => {
  it('is computed at once, says so, and scores alike on either engine', async () => {
    const { bundleFolder, summary } = await train(name, architecture)
    expect(summary).toMatchObject({ epochs: 1, ended: 'computed', best_epoch: 1 })
    expect(formatTrainSummary(summary)).toMatch(/epochs +none: nothing is trained by gradients; loss 0\.\d+/)
    const report = readFileSync(join(bundleFolder, 'report.html'), 'utf8')
    expect(report).toContain('nothing is trained by gradients')
    expect(report).not.toContain('<h2>Loss</h2>')
    const { manifest } = await readBundle(bundleFolder)
    if (latent) expect(manifest.latent_size).toBe(latent)
    else expect(manifest.latent_size).toBeGreaterThan(1)
    const scores = await scoresOf(bundleFolder)
    expect(scores[1]).toBeGreaterThan(1.5 * scores[0])
    expect(relativeDifference(await scoresOf(bundleFolder, 'tfjs'), scores)).toBeLessThan(1e-5)
  })

  it('has no batch to learn by heart', async () => {
    await expect(overfitOneBatch(configOf(name, architecture))).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG', at: 'architecture.type' }),
    )
  })
})

describe('a detector', () => {
  it('looks at features where there is no network', async () => {
    const { bundleFolder } = await train(
      'mahalanobis',
      { type: 'none' },
      { score: { type: 'mahalanobis', on: 'features' } },
    )
    const [normal, shrill] = await scoresOf(bundleFolder)
    expect(shrill).toBeGreaterThan(3 * normal)
  })

  it('kde looks at the latent of a vae', async () => {
    const vae = { type: 'vae', hidden: [32], latent: 4, beta: 0.1 }
    const training = { epochs: 10, batch_size: 16, learning_rate: 0.01 }
    const { bundleFolder, summary } = await train('vae-kde', vae, { training, score: { type: 'kde', on: 'latent' } })
    expect(summary.ended).toBe('epochs')
    expect((await readBundle(bundleFolder)).detector?.config).toMatchObject({ type: 'kde', on: 'latent' })
    const [normal, shrill] = await scoresOf(bundleFolder)
    expect(shrill).toBeGreaterThan(2 * normal)
  })
})

describe('vae', () => {
  const vae = { type: 'vae', hidden: [32], latent: 4 }

  it('goes on from a checkpoint as if it had not stopped', async () => {
    const training = (epochs: number) => ({ training: { epochs, batch_size: 16, learning_rate: 0.01 } })
    const whole = await runTraining(configOf('whole', vae, training(4)))
    await runTraining(configOf('resumed', vae, training(2)))
    const resumed = await runTraining(configOf('resumed', vae, training(4)), { resume: true })
    expect(resumed.summary.best_loss).toBe(whole.summary.best_loss)
    expect([...(await scoresOf(resumed.bundleFolder))]).toEqual([...(await scoresOf(whole.bundleFolder))])
  })

  it('learns a batch by heart without its prior', async () => {
    const training = { batch_size: 8, learning_rate: 0.003 }
    const result = await overfitOneBatch(configOf('heart', { ...vae, hidden: [64], latent: 8 }, { training }))
    expect(result.verdict).toBe('learns')
  })
})
