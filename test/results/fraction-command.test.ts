import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareMixes, prepareTimepix } from '../../docs/examples/prepare.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { evaluateExample, trainExample } from './example.ts'

const data = sharedData()

describe.skipIf(!data)('the anomalous share of mixes of Timepix frames, three in one call', () => {
  const { folder } = temporaryFolder()
  const mixes = join(folder, 'timepix-mixes')
  let bundle: string

  beforeAll(async () => {
    prepareTimepix({ data: data!, out: folder, seed: 0 })
    bundle = await trainExample('timepix', folder, 25)
  }, 180_000)

  it.each([0, 1, 2].flatMap(draw => ['0-36', '1-01'].map(thickness => [thickness, draw] as const)))(
    'behind %s mm, draw %i',
    async (thickness, draw) => {
      const truth = prepareMixes({ data: data!, out: folder, seed: 0 }, draw)
      const paths = [join(mixes, 'normal'), join(mixes, thickness)]
      const labels = join(mixes, 'labels.csv')
      const { fraction } = await evaluateExample(bundle, labels, { paths, fraction: 'folder' })
      expect(fraction!.map(({ group }) => group)).toEqual([20, 45, 55].map(percent => `${thickness}-${percent}`))
      for (const { group, low, high, fpr, normal } of fraction!) {
        const f = truth[group!]
        expect([fpr <= 0.1, normal]).toEqual([true, 120])
        expect([low <= f, f <= high], `${group}: ${f} in ${low}…${high}`).toEqual([true, true])
      }
      const [low, middle, high] = fraction!.map(({ estimate }) => estimate)
      expect(low < middle && middle < high).toBe(true)
    },
  )
})
