import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architectureSchema, checkArchitecture } from '../../../src/model/architectures/config.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import type { Loss } from '../../../src/model/loss-names.ts'
import { tf } from '../../../src/model/tf.ts'
import { fillWithSines } from '../../helpers/sine-weights.ts'
import { relativeDifference } from '../../helpers/traced.ts'

const golden = JSON.parse(readFileSync('test/fixtures/families/vae.json', 'utf8'))
const [ITEMS, SIZE, LATENT] = [4, 10, 3]

const sines = (step: number, size: number) => Float32Array.from({ length: size }, (_, k) => Math.sin(step * k))
const items = () =>
  tf.tensor(
    sines(0.37, ITEMS * SIZE).map(value => 0.5 + 0.5 * value),
    [ITEMS, SIZE],
  )

/** The network with the weights and the noise of the fixture's script. */
function filled(loss: Loss, score = 'reconstruction') {
  const output_activation = loss === 'bce' ? 'sigmoid' : 'linear'
  const options = { hidden: [7], latent: LATENT, beta: 1.5, score, output_activation }
  const config = architectureSchema.parse({ type: 'vae', ...options })
  const model = buildModel(config, { featureShape: [SIZE], seed: 0, loss })
  fillWithSines(model)
  model.randoms[0].value = tf.tensor(sines(1.3, ITEMS * LATENT), [ITEMS, LATENT])
  return model
}

describe('vae', () => {
  it.each(['mse', 'bce'] as const)('has the evidence lower bound and the gradients of PyTorch: %s', loss => {
    const model = filled(loss)
    const [{ updates }] = model.phases
    const { value, grads } = tf.variableGrads(() => updates[0].loss({ items: items() }), [...model.parts.weights])
    const gradient = model.parts.weights.flatMap(({ name }) => [...grads[name].dataSync()])
    expect(relativeDifference(value.dataSync(), [golden[loss].loss])).toBeLessThan(1e-6)
    expect(relativeDifference(gradient, golden[loss].gradient)).toBeLessThan(1e-5)
  })

  for (const loss of ['mse', 'bce'] as const) {
    it.each(['reconstruction', 'elbo', 'kl'])(`scores by %s without noise: ${loss}`, score => {
      const scored = filled(loss, score).score(items())
      expect(relativeDifference(scored.score.dataSync(), golden[loss][score])).toBeLessThan(1e-5)
      expect(relativeDifference(scored.latent.dataSync(), golden[loss].latent)).toBeLessThan(1e-5)
      expect(scored.reconstruction.shape).toEqual([ITEMS, SIZE])
    })
  }

  it('validates without noise, by what elbo scores', () => {
    const model = filled('mse', 'elbo')
    const [validation] = model.phases[0].validate({ items: items() }).dataSync()
    const { elbo } = golden.mse
    expect(validation).toBeCloseTo(elbo.reduce((sum: number, value: number) => sum + value, 0) / ITEMS, 5)
  })

  it('has a finite score for items that are like none of training', () => {
    for (const score of ['elbo', 'kl']) {
      const far = tf.mul(items(), 1e4)
      const scores = filled('mse', score).score(far).score.dataSync()
      expect([...scores].every(Number.isFinite)).toBe(true)
      expect(Math.min(...scores)).toBeGreaterThan(1e6)
    }
  })

  it('is convolutional where it has convolutions', () => {
    const config = architectureSchema.parse({ type: 'vae', convolutions: [{ filters: 4 }], latent: 2 })
    const model = buildModel(config, { featureShape: [8, 8, 3], seed: 0, loss: 'mse' })
    expect(model.latentSize).toBe(2)
    expect(Object.keys(model.variables)).toContain('encoder_0_conv/kernel')
    // The variance is needed for training, and the error alone is scored without it.
    expect(Object.keys(model.variables)).not.toContain('log_variance_4_dense/bias')
    const elbo = buildModel({ ...config, score: 'elbo' } as typeof config, {
      featureShape: [8, 8, 3],
      seed: 0,
      loss: 'mse',
    })
    expect(Object.keys(elbo.variables)).toContain('log_variance_4_dense/bias')
  })

  it.each([
    [{ hidden: [4], convolutions: [{ filters: 4 }] }, [8, 8, 3], 'AUSCULT_CONFIG', 'architecture.hidden'],
    [{ convolutions: [{ filters: 4 }] }, [640], 'AUSCULT_SHAPE', 'architecture'],
    [{ convolutions: [{ filters: 4, stride: 9 }, { filters: 4 }] }, [8, 8, 3], 'AUSCULT_SHAPE', 'architecture'],
  ])('refuses what does not fit: %j on %j', (options, featureShape, code, at) => {
    const config = architectureSchema.parse({ type: 'vae', ...options })
    expect(() => checkArchitecture(config, featureShape)).toThrow(expect.objectContaining({ code, at }))
  })
})
