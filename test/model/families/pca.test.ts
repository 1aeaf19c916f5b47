import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architectureSchema, checkArchitecture } from '../../../src/model/architectures/config.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { tf } from '../../../src/model/tf.ts'
import { countComponents } from '../../../src/train/count-components.ts'
import { relativeDifference } from '../../helpers/traced.ts'

interface Case {
  items: number
  size: number
  components: number
  whiten: boolean
  count: number
  mean: number[]
  axes: number[]
  latent: number[]
  score: number[]
}

const { cases }: { cases: Case[] } = JSON.parse(readFileSync('test/fixtures/families/pca.json', 'utf8'))

const itemsOf = (n: number, size: number) =>
  Float32Array.from({ length: n * size }, (_, k) => Math.sin(0.7 * k) + Math.cos(0.013 * k * k))

const sourceOf = (rows: Float32Array, size: number) => ({
  items: rows.length / size,
  async *batches() {
    yield { items: rows, n: rows.length / size }
  },
})

const configOf = (options: object) => {
  const config = architectureSchema.parse({ type: 'pca', ...options })
  if (config.type !== 'pca') throw new Error('it is pca')
  return config
}

describe('pca', () => {
  it.each(cases)('agrees with scikit-learn: $components components of $items × $size', async expected => {
    const { items: n, size, components, whiten, count } = expected
    const config = configOf({ components, whiten })
    const items = itemsOf(n, size)
    const fitted = items.slice(0, (n - 1) * size)
    expect(await countComponents(config, sourceOf(fitted, size), size)).toBe(count)
    const model = buildModel(config, { featureShape: [size], seed: 0, loss: 'mse', components: count })
    model.phases[0].refresh!.update(fitted, size)
    expect(relativeDifference(model.variables['pca/mean'].dataSync(), expected.mean)).toBeLessThan(1e-5)
    expect(relativeDifference(model.variables['pca/components'].dataSync(), expected.axes)).toBeLessThan(1e-4)
    const { score, latent, reconstruction } = model.score(tf.tensor(items, [n, size]))
    expect(relativeDifference(latent.dataSync(), expected.latent)).toBeLessThan(1e-4)
    expect(relativeDifference(score.dataSync(), expected.score)).toBeLessThan(1e-4)
    expect(reconstruction.shape).toEqual([n, size])
  })

  it('has no component without variance, and reconstructs items that are all the same', async () => {
    const rows = new Float32Array(30).fill(0.5)
    const config = configOf({ whiten: true })
    const components = await countComponents(config, sourceOf(rows, 3), 3)
    expect(components).toBe(1)
    const model = buildModel(config, { featureShape: [3], seed: 0, loss: 'mse', components })
    model.phases[0].refresh!.update(rows, 3)
    const { score, latent } = model.score(tf.tensor([0.5, 0.5, 0.5, 0.5, 0.5, 3.5], [2, 3]))
    expect([...score.dataSync()]).toEqual([0, 3])
    expect([...latent.dataSync()]).toEqual([0, 0])
  })

  it('refuses more components than there are values, before anything is read', () => {
    expect(() => checkArchitecture(configOf({ components: 13 }), [4, 3, 1])).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_SHAPE',
        at: 'architecture.components',
        message: expect.stringMatching(/12 values.*13/),
      }),
    )
    expect(() => checkArchitecture(configOf({ components: 12 }), [4, 3, 1])).not.toThrow()
  })

  it.each([
    [{ components: 5 }, 5, 'architecture.components', /5 principal components need 6 items, and there are 5/],
    [{ components: 5, items: 5 }, 20, 'architecture.items', /need 6 items, and there are 5/],
    [{}, 1, 'architecture.components', /need 2 items, and there are 1/],
  ])('refuses too few items: %j of %i', async (options, n, at, message) => {
    const counted = countComponents(configOf(options), sourceOf(itemsOf(n, 9), 9), 9)
    await expect(counted).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG', at, message: expect.stringMatching(message) }),
    )
  })
})
