import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bundle } from '../../../src/model/bundle.ts'
import { scanFor } from '../../../src/train/evaluation/score-bundle.ts'
import { hum, workFolder } from '../recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeEach(() => {
  folder = workFolder('evaluation')
})
afterEach(() => folder.remove())

/** What scanFor reads of a bundle. */
const bundle = (front_end: object, other_length?: string) =>
  ({
    folder: 'b',
    manifest: { front_end, other_length, window: { shape: [100], sample_rate: 1000 } },
  }) as unknown as Bundle

describe('scanFor', () => {
  it('pads recordings shorter than a window for a model that masks padding or was trained on padded ones, and leaves them out for others', async () => {
    folder.wav('long.wav', hum(250, 1))
    folder.wav('short.wav', hum(70, 2))
    const options = { bundle: 'b', paths: [folder.path] }
    const taken = await scanFor(bundle({ mask_padding: true }), options)
    expect(taken.scan.recordings.map(({ offsets }) => offsets)).toEqual([[0, 100], [0]])
    expect((await scanFor(bundle({}, 'pad'), options)).scan.recordings).toHaveLength(2)
    for (const other of [bundle({}), bundle({ mask_padding: false }, 'drop')]) {
      const { scan } = await scanFor(other, options)
      expect(scan.recordings).toHaveLength(1)
      expect(scan.dropped.map(({ path }) => path)).toEqual([`${folder.path}/short.wav`])
    }
  })
})
