import { describe, expect, it } from 'vitest'
import { collapseWarning } from '../../src/train/training-warnings.ts'

describe('collapseWarning', () => {
  const apart = { latents: Float32Array.of(1, 2, 2, 1, 1.5, 1.5), dimensions: 2 }
  const together = { latents: Float32Array.of(1, 2, 1.0001, 2, 1, 2.0001), dimensions: 2 }
  const various = { quantiles: [0.1, 0.2, 0.4] }

  it.each([
    ['all latents are the same', together, various],
    ['all latents are 0', { latents: new Float32Array(6), dimensions: 2 }, various],
    ['all scores are the same', apart, { quantiles: [0.4, 0.4001, 0.4002] }],
    ['all scores are 0', apart, { quantiles: [0, 0, 0] }],
  ])('is given where %s', (_name, latents, scores) => {
    expect(collapseWarning('deep-svdd', latents, scores)).toEqual([expect.stringMatching(/collapsed.*weight_decay/)])
  })

  it('is not given where items differ, nor for other networks', () => {
    expect(collapseWarning('deep-svdd', apart, various)).toEqual([])
    expect(collapseWarning('dense-ae', together, various)).toEqual([])
  })
})
