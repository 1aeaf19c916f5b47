import { describe, expect, it } from 'vitest'
import { architectureSchema } from '../../../src/model/architectures/config.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { tf } from '../../../src/model/tf.ts'

const config = architectureSchema.parse({ type: 'none' })
const scored = (featureShape: number[], values: number[], expected?: Float32Array) => {
  const model = buildModel(config, { featureShape, seed: 0, loss: 'mse', expected })
  const { score, latent, reconstruction } = model.score(tf.tensor(values, [-1, ...featureShape].with(0, 2)))
  const lists = { score: [...score.dataSync()], latent: latent.arraySync() }
  return { ...lists, reconstruction: [...reconstruction.dataSync()], latentSize: model.latentSize }
}

describe('none', () => {
  it('scores the squared deviation from the mean of the training items', () => {
    const { score, reconstruction } = scored([2], [1, 2, 4, 6], Float32Array.of(1, 4))
    expect(score).toEqual([2, 6.5])
    expect(reconstruction).toEqual([1, 4, 1, 4])
  })

  it.each([
    ['a vector as it is', [4], [1, 2, 3, 4, 5, 6, 7, 8], [[1, 2, 3, 4], [5, 6, 7, 8]]], // biome-ignore format: rows
    ['samples as they are', [2, 1], [1, 2, 3, 4], [[1, 2], [3, 4]]], // biome-ignore format: rows
    ['the mean of each band over frames', [2, 3, 1], [1, 2, 3, 5, 6, 7, 0, 0, 0, 2, 4, 6], [[3, 4, 5], [1, 2, 3]]], // biome-ignore format: rows
    ['the mean of each channel over pixels', [2, 1, 2], [1, 2, 3, 4, 0, 0, 4, 2], [[2, 3], [2, 1]]], // biome-ignore format: rows
  ])('has for a latent %s', (_name, featureShape, values, expected) => {
    const { latent, latentSize } = scored(featureShape, values)
    expect(latent).toEqual(expected)
    expect(latentSize).toBe(expected[0].length)
  })
})
