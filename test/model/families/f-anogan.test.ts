import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architectureSchema, checkArchitecture } from '../../../src/model/architectures/config.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import type { Model } from '../../../src/model/families/model.ts'
import { gradientPenalty } from '../../../src/model/families/wasserstein.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { tf } from '../../../src/model/tf.ts'
import { relativeDifference } from '../../helpers/traced.ts'

const golden = JSON.parse(readFileSync('test/fixtures/families/f-anogan.json', 'utf8'))
const ITEMS = 5
const LATENT = 3

const NETWORKS = {
  dense: { config: { hidden: [7, 6], batch_norm: false }, featureShape: [3, 4] },
  convolutional: {
    config: { convolutions: [{ filters: 3 }, { filters: 4 }], output_activation: 'tanh' },
    featureShape: [8, 12, 2],
  },
}

const build = (config: object, featureShape: number[]) =>
  buildModel(architectureSchema.parse({ type: 'f-anogan', latent: LATENT, kappa: 0.5, ...config }), {
    featureShape,
    seed: 0,
    loss: 'mse',
  })

const sines = (step: number, ...shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, k) => Math.sin(step * k)),
    shape,
  )

/** The networks with the weights and the random numbers of the fixture's script. */
function filled({ config, featureShape }: (typeof NETWORKS)[keyof typeof NETWORKS]): Model {
  const model = build(config, featureShape)
  const { generator, critic, encoder } = model.parts
  ;[...generator, ...critic, ...encoder].forEach((variable, i) => {
    const values = Float32Array.from({ length: variable.size }, (_, k) => 0.3 * Math.sin(k + 10 * i))
    variable.assign(tf.tensor(values, variable.shape))
  })
  const shares = Array.from({ length: ITEMS }, (_, i) => (i + 0.5) / ITEMS)
  ;[sines(0.71, ITEMS, LATENT), sines(0.53, ITEMS, LATENT), tf.tensor(shares)].forEach((value, i) => {
    model.randoms[i].value = value
  })
  return model
}

describe('f-anogan', () => {
  it.each(['dense', 'convolutional'] as const)('agrees with PyTorch: %s', name => {
    const { featureShape } = NETWORKS[name]
    const model = filled(NETWORKS[name])
    const items = sines(0.37, ITEMS, ...featureShape)
    const scored = model.score(items)
    expect(relativeDifference(scored.latent.dataSync(), golden[name].latent)).toBeLessThan(1e-5)
    expect(relativeDifference(scored.score.dataSync(), golden[name].score)).toBeLessThan(1e-5)
    for (const [at, part] of ['critic', 'generator', 'encoder'].entries()) {
      // Others each time: the averages of batch normalisation move.
      const model = filled(NETWORKS[name])
      const { loss } = model.phases.flatMap(({ updates }) => updates)[at]
      const variables = [...model.parts[part]]
      const { value, grads } = tf.variableGrads(() => loss({ items }), variables)
      const expected = golden[name][part]
      expect(relativeDifference(value.dataSync(), [expected.loss])).toBeLessThan(1e-5)
      const gradient = variables.flatMap(({ name }) => [...grads[name].dataSync()])
      expect(relativeDifference(gradient, expected.gradient)).toBeLessThan(1e-4)
    }
  })

  it('penalises slopes other than 1, at points between what is real and what is made', () => {
    const shares = tf.tensor([0.25, 0.75])
    const [real, made] = [tf.tensor2d([4, 0, 0, 8], [2, 2]), tf.zeros([2, 2])]
    const penalty = (critic: (x: tf.Tensor) => tf.Tensor) => gradientPenalty(critic, real, made, shares).dataSync()[0]
    // The slope of 3x + 4y is 5 everywhere.
    expect(penalty(x => tf.sum(tf.mul(x, [3, 4]), 1, true))).toBeCloseTo(16, 5)
    // That of ½ x² is x: 1 at [1, 0], 6 at [0, 6].
    expect(penalty(x => tf.mul(tf.sum(tf.square(x), 1, true), 0.5))).toBeCloseTo(12.5, 4)
    expect(penalty(x => tf.sum(tf.mul(x, 0), 1, true))).toBeCloseTo(1, 5)
  })

  it('validates the generator by always the same draws, without the penalty', () => {
    const model = build(NETWORKS.dense.config, [3, 4])
    const items = sines(0.37, ITEMS, 3, 4)
    const value = () => model.phases[0].validate({ items }).dataSync()[0]
    expect(value()).toBe(value())
    const bias = model.parts.critic.at(-1)!
    const before = value()
    bias.assign(tf.tensor([7]))
    expect(value()).toBeCloseTo(before, 4)
    const [kernel] = model.parts.critic.slice(-2)
    kernel.assign(tf.mul(kernel, 2))
    expect(value()).toBeCloseTo(2 * before, 4)
  })

  it('trains the critic at every step and the generator at some, then the encoder alone', () => {
    const model = build({ critic_steps: 4, gan_epochs: 7 }, [10])
    const phases = model.phases.map(({ name, epochs, keep, updates }) => ({
      name,
      epochs,
      keep,
      updates: updates.map(({ part, every = 1 }) => [part, every]),
    }))
    expect(phases).toEqual([
      {
        name: 'gan',
        epochs: 7,
        keep: 'last',
        updates: [
          ['critic', 1],
          ['generator', 4],
        ],
      },
      { name: 'encoder', epochs: undefined, keep: 'best', updates: [['encoder', 1]] },
    ])
    const [gan, encoder] = model.phases
    const before = model.statistics.map(variable => [...variable.dataSync()])
    tf.variableGrads(() => encoder.updates[0].loss({ items: sines(0.37, ITEMS, 10) }), [...model.parts.encoder])
    const moved = model.statistics.map((variable, i) => variable.dataSync().some((value, k) => value !== before[i][k]))
    const ofGenerator = 4
    expect(moved.slice(0, ofGenerator).some(Boolean)).toBe(false)
    expect(moved.slice(ofGenerator).every(Boolean)).toBe(true)
    expect(gan.refresh).toBeUndefined()
  })

  it.each([[[32, 32, 3]], [[64, 64, 1]], [[30, 45, 2]]])('makes images of %j', featureShape => {
    const model = build({ latent: null, convolutions: [{ filters: 2 }, { filters: 3 }, { filters: 4 }] }, featureShape)
    const { latent, reconstruction } = model.score(tf.zeros([2, ...featureShape]))
    expect(latent.shape).toEqual([2, 128])
    expect(reconstruction.shape).toEqual([2, ...featureShape])
  })

  it('says where layers do not fit', () => {
    const check = (config: object, featureShape: number[]) => () =>
      checkArchitecture(architectureSchema.parse({ type: 'f-anogan', ...config }), featureShape)
    expect(check({}, [4, 4, 1])).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_SHAPE',
        message: expect.stringContaining('nothing is left after conv'),
      }),
    )
    const apart = { convolutions: [{ filters: 4, kernel: 2, stride: 3, padding: 0 }] }
    expect(check(apart, [7, 7, 1])).not.toThrow()
    expect(check({ convolutions: [{ filters: 4 }] }, [640])).toThrow(expect.objectContaining({ code: 'AUSCULT_SHAPE' }))
    expect(() => architectureSchema.parse({ type: 'f-anogan', critic_steps: 0 })).toThrow(/critic_steps/)
  })
})
