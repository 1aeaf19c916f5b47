import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { trainOnHums } from './hum-bundle.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
const train = (name: string, score: unknown) =>
  trainOnHums(folder.path, name, score, { epochs: 3, map: { method: 'none' } })
const scoresOf = async (bundle: string, windows: Float32Array) => {
  const scorer = await loadScorer(bundle, { device: 'cpu', threads: 1 })
  const n = windows.length / 400
  const { scores, latents } = await scorer.score(windows, n)
  const { reconstruction } = await scorer.reconstruct(windows, n)
  await scorer.close()
  return { scores, latents, reconstruction }
}

beforeAll(() => {
  folder = workFolder('detector')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i % 2 ? 'source' : 'target'}-${i}.wav`, hum(2000, i))
})
afterAll(() => folder.remove())

describe('score: a detector', () => {
  it.each([
    ['latent', 4],
    ['features', 32],
    ['residual', 32],
  ])('on %s is stored with the bundle and scores its windows', async (on, size) => {
    const bundle = await train(`knn-${on}`, { type: 'knn', on })
    const { manifest, detector, calibration } = await readBundle(bundle)
    expect(manifest.detector).toMatchObject({ type: 'knn', on, k: 1 })
    expect(detector?.preprocessing.dimensions).toBe(size)
    const windows = Float32Array.from([...hum(400, 50), ...hum(400, 51, 0.6)])
    const { scores, latents, reconstruction } = await scoresOf(bundle, windows)
    expect(scores[0]).toBeGreaterThan(0)
    expect(scores[1]).toBeGreaterThan(2 * calibration.quantiles[1000])
    expect(latents).toHaveLength(8)
    expect(reconstruction.every(Number.isFinite)).toBe(true)
  })

  it('takes the nearer of two domains, told apart by file names', async () => {
    const domains = ['source', 'target']
    const bundle = await train('selective', { type: 'selective-mahalanobis', on: 'latent', domains })
    const { detector, manifest } = await readBundle(bundle)
    const model = detector?.model
    expect(model?.type === 'mahalanobis' && model.groups.map(({ name }) => name)).toEqual(domains)
    expect(manifest.detector).toMatchObject({ type: 'selective-mahalanobis', domains })
  })

  it('has a mean of each machine and one covariance, and takes the nearest mean', async () => {
    const machines = '(source|target)-\\d'
    const bundle = await train('machines', { type: 'mahalanobis', on: 'features', machines })
    const model = (await readBundle(bundle)).detector?.model
    const groups = model?.type === 'mahalanobis' ? model.groups : []
    expect(groups.map(({ name }) => name)).toEqual(['source', 'target'])
    expect(groups[0].mean).not.toBe(groups[1].mean)
    expect(groups.map(({ covariance }) => covariance === null)).toEqual([false, true])
    const without = train('nameless', { type: 'mahalanobis', machines: 'source' })
    await expect(without).rejects.toMatchObject({
      code: 'AUSCULT_CONFIG',
      at: expect.stringMatching(/target-\d\.wav$/),
    })
    await expect(train('wrong', { type: 'mahalanobis', machines: '(' })).rejects.toThrow(/no regular expression/)
  })

  it('is refused before training where there are too few windows, or a file has no domain', async () => {
    await expect(train('many', { type: 'knn', k: 500 })).rejects.toMatchObject({
      code: 'AUSCULT_CONFIG',
      at: 'score.k',
      message: expect.stringMatching(/needs 500 training windows, and there are \d+/),
    })
    const without = train('without', { type: 'selective-mahalanobis', domains: ['source', 'elsewhere'] })
    await expect(without).rejects.toMatchObject({ at: expect.stringMatching(/target-\d\.wav$/) })
  })

  it('is refused where its file is of another model', async () => {
    const bundle = await train('changed', { type: 'mahalanobis' })
    const path = join(bundle, 'detector.json')
    writeFileSync(path, (await readFile(path, 'utf8')).replace('"dimensions":4', '"dimensions":5'))
    await expect(readBundle(bundle)).rejects.toMatchObject({ code: 'AUSCULT_BUNDLE', at: path })
  })
})
