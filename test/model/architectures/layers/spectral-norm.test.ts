import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { spectralNorm } from '../../../../src/model/architectures/layers/spectral-norm.ts'
import { sizeOf } from '../../../../src/model/frontends/frontend.ts'
import { tf } from '../../../../src/model/tf.ts'
import { relativeDifference } from '../../../helpers/traced.ts'

const golden = JSON.parse(readFileSync('test/fixtures/families/alad.json', 'utf8'))

const waves = (f: (k: number) => number, shape: readonly number[]) =>
  tf.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, k) => f(k)),
    [...shape],
  )

describe('spectralNorm', () => {
  const kernel = waves(k => 0.4 * Math.sin(k), [3, 5, 2, 4])
  const { sigma, u, normed, gradient, largest } = golden.spectral

  it('agrees with PyTorch after one iteration', () => {
    const result = spectralNorm(kernel, waves(Math.cos, [1, 4]))
    expect(result.sigma.dataSync()[0]).toBeCloseTo(sigma, 5)
    expect(relativeDifference(result.u.dataSync(), u)).toBeLessThan(1e-5)
    expect(relativeDifference(result.kernel.dataSync(), normed)).toBeLessThan(1e-5)
    const grad = tf.grad(w => tf.sum(tf.pow(spectralNorm(w, waves(Math.cos, [1, 4])).kernel, 3)))
    expect(relativeDifference(grad(kernel).dataSync(), gradient)).toBeLessThan(1e-4)
  })

  it('comes to the largest singular value', () => {
    let u: tf.Tensor = waves(Math.cos, [1, 4])
    for (let i = 0; i < 30; i++) u = spectralNorm(kernel, u).u
    expect(spectralNorm(kernel, u).sigma.dataSync()[0]).toBeCloseTo(largest, 5)
  })
})
