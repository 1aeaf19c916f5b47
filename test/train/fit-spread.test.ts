import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { trainOnHums } from './hum-bundle.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
const train = (score: 'error' | 'residual') => trainOnHums(folder.path, score, score, { epochs: 30 })

beforeAll(() => {
  folder = workFolder('spread')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
})
afterAll(() => folder.remove())

describe('score: residual', () => {
  it('is stored with the bundle, and is the mean residual in units of its spread', async () => {
    const bundle = await train('residual')
    const { manifest } = await readBundle(bundle)
    expect(manifest.residual_spread).toHaveLength(32)
    const scorer = await loadScorer(bundle, { device: 'cpu', threads: 1 })
    const windows = Float32Array.from([...hum(400, 50), ...hum(400, 51)])
    const { scores } = await scorer.score(windows, 2)
    const { features, reconstruction } = await scorer.reconstruct(windows, 2)
    await scorer.close()
    const { scale } = manifest.normalization
    const items = features.length / 2 / 32
    for (const n of [0, 1]) {
      let sum = 0
      for (let k = 0; k < 32; k++) {
        let residual = 0
        for (let item = 0; item < items; item++) {
          const at = (n * items + item) * 32 + k
          residual += ((features[at] - reconstruction[at]) * scale[k % 16]) / items
        }
        sum += (residual / manifest.residual_spread![k]) ** 2
      }
      expect(scores[n]).toBeCloseTo(sum / 32, 2)
      expect(scores[n]).toBeGreaterThan(0.1)
      expect(scores[n]).toBeLessThan(10)
    }
  })

  it('leaves the default score as it was', async () => {
    const { manifest } = await readBundle(await train('error'))
    expect(manifest.residual_spread).toBeUndefined()
  })
})
