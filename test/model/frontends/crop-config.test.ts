import { describe, expect, it } from 'vitest'
import { createFeatureMap } from '../../../src/model/explanation/feature-map.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'

const problems = (config: object) =>
  frontEndSchema.safeParse(config).error?.issues.map(({ path, message }) => [path.join('.'), message])

describe('front_end.crop', () => {
  it('makes squares of n_mels × n_mels, normalised before they are cut', () => {
    const config = frontEndSchema.parse({ type: 'log-mel', n_mels: 16, window_seconds: 1.3, crop: 'square' })
    const frontEnd = createFrontEnd(config, { offset: [1], scale: [0.5] })
    expect(frontEnd.featureShape).toEqual([16, 16, 1])
    expect([frontEnd.items, frontEnd.uncropped?.featureShape]).toEqual([3, [41, 16, 1]])
    const sound = Float32Array.from({ length: 20_800 }, (_, i) => Math.sin(i * i * 1e-6))
    const [crops, image] = [new Float32Array(3 * 256), new Float32Array(41 * 16)]
    frontEnd.transform(sound, crops)
    createFrontEnd({ ...config, crop: null } as typeof config, { offset: [1], scale: [0.5] }).transform(sound, image)
    for (const [tile, start] of [0, 13, 25].entries()) {
      expect([...crops.subarray(tile * 256, (tile + 1) * 256)]).toEqual([
        ...image.subarray(start * 16, (start + 16) * 16),
      ])
    }
  })

  it.each([
    [{ type: 'log-mel', crop: 'square' }, 'crop', 'crops of 128 frames do not fit into a window, which has 32'],
    [
      { type: 'stft', n_fft: 64, hop_length: 800, crop: 'square' },
      'crop',
      'crops of 33 frames do not fit into a window, which has 21',
    ],
    [
      { type: 'features', shape: [20, 8], crop: 21 },
      'crop',
      'crops of 21 frames do not fit into a window, which has 20',
    ],
    [{ type: 'mel', stack: 5, crop: 8 }, 'crop', 'give stack or crop, not both'],
  ])('refuses %j', (config, path, message) => {
    expect(problems(config)).toEqual([[path, message]])
  })

  it('is laid out again for explanations and pictures, overlapping frames averaged', () => {
    const config = frontEndSchema.parse({ type: 'features', shape: [5, 2], crop: 3 })
    const map = createFeatureMap(config, createFrontEnd(config))
    expect([map.rows, map.columns]).toEqual([2, 5])
    // Tiles at the frames 0 and 2; frame 2 lies in both.
    const values = Float32Array.of(0, 10, 1, 11, 2, 12, 4, 14, 3, 13, 4, 14)
    expect([...map.mean(values)]).toEqual([0, 1, 3, 3, 4, 10, 11, 13, 13, 14])
    expect([...map.sum(values)]).toEqual([0, 1, 6, 3, 4, 10, 11, 26, 13, 14])
  })
})
