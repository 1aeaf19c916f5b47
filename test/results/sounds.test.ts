import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareSounds } from '../../docs/examples/prepare.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { evaluateExample, trainExample } from './example.ts'

const data = sharedData()

describe.skipIf(!data)('latents of spoken digits and of a machine', () => {
  const { folder } = temporaryFolder()
  let bundle: string

  beforeAll(async () => {
    prepareSounds({ data: data!, out: folder, seed: 0 })
    bundle = await trainExample('sounds', folder, 15)
  }, 180_000)

  it.each([
    ['gmm', 'latent'],
    ['kmeans', 'latent'],
    ['kmeans', 'map'],
  ] as const)('separate by class: %s on the %s', async (method, space) => {
    const labels = join(folder, 'sounds/labels.csv')
    const options = { per: 'window', clusters: { method, k: 3, space } } as const
    const { clusters, windows } = await evaluateExample(bundle, labels, options)
    expect(clusters!.classes!.items).toBe(windows)
    expect(clusters!.classes!.largest_class).toBeLessThan(0.65)
    expect(clusters!.classes!.purity).toBeGreaterThanOrEqual(0.9)
  })

  it('say something of which digit it is', async () => {
    const labels = join(folder, 'sounds/digits.csv')
    const { clusters } = await evaluateExample(bundle, labels, { clusters: { method: 'kmeans', k: 10 } })
    expect(clusters!.classes!.largest_class).toBe(0.1)
    expect(clusters!.classes!.purity).toBeGreaterThanOrEqual(0.5)
  })
})
