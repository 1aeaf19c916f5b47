import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architectureSchema, checkArchitecture } from '../../../src/model/architectures/config.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { centreOf, radiusOf } from '../../../src/model/families/deep-svdd.ts'
import type { Model } from '../../../src/model/families/model.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { tf } from '../../../src/model/tf.ts'
import { fillWithSines } from '../../helpers/sine-weights.ts'
import { relativeDifference } from '../../helpers/traced.ts'

const golden = JSON.parse(readFileSync('test/fixtures/families/deep-svdd.json', 'utf8'))
const ITEMS = 6

const build = (config: object, featureShape = [10], expected?: Float32Array) =>
  buildModel(architectureSchema.parse({ type: 'deep-svdd', latent: 3, ...config }), {
    featureShape,
    seed: 0,
    loss: 'mse',
    expected,
  })

const sines = (step: number, scale: number, size: number) =>
  Float32Array.from({ length: size }, (_, k) => scale * Math.sin(step * k))

/** The network with the weights and the centre of the fixture's script. */
function filled(config: object, featureShape: number[]): Model {
  const model = build({ nu: 0.3, weight_decay: 0.02, warm_up_epochs: 0, ...config }, featureShape)
  fillWithSines(model)
  model.phases[0].refresh!.update(sines(0.9, 0.3, 60), 3)
  return model
}

const itemsOf = (featureShape: number[], n = ITEMS) =>
  tf.tensor(sines(0.37, 1, n * sizeOf(featureShape)), [n, ...featureShape])

const NETWORKS = {
  dense: { config: { hidden: [7, 6] }, featureShape: [10] },
  convolutional: {
    config: { convolutions: [{ filters: 3 }, { filters: 4, kernel: 3, stride: 2, padding: 1 }] },
    featureShape: [9, 12, 2],
  },
}

describe('deep-svdd', () => {
  for (const [network, { config, featureShape }] of Object.entries(NETWORKS)) {
    it.each(['one-class', 'soft-boundary'])(`agrees with PyTorch: ${network}, %s`, objective => {
      const model = filled({ ...config, objective }, featureShape)
      const { updates } = model.phases[0]
      const { value, grads } = tf.variableGrads(
        () => updates[0].loss({ items: itemsOf(featureShape) }),
        [...model.parts.weights],
      )
      const gradient = model.parts.weights.flatMap(({ name }) => [...grads[name].dataSync()])
      const expected = golden.cases[`${network} ${objective}`]
      expect(relativeDifference(value.dataSync(), [expected.loss])).toBeLessThan(1e-5)
      expect(relativeDifference(gradient, expected.gradient)).toBeLessThan(1e-4)
    })
  }

  it('takes centre and radius from the outputs of the training items', () => {
    const rows = sines(0.9, 0.3, 60)
    const centre = centreOf(rows, 3, 0.1)
    expect(relativeDifference(centre, golden.centre)).toBeLessThan(1e-6)
    const distances = Float32Array.from({ length: 20 }, (_, i) =>
      [0, 1, 2].reduce((sum, k) => sum + (rows[3 * i + k] - centre[k]) ** 2, 0),
    )
    expect(radiusOf(distances, 0.3)).toBeCloseTo(golden.radius, 6)
    expect([...centreOf(Float32Array.of(0.02, -0.02, 0, 3), 4, 0.5)]).toEqual([0.5, -0.5, 0.5, 3])
  })

  it('keeps the centre of the first epoch, and the radius at 0 until it has warmed up', () => {
    const model = build({ objective: 'soft-boundary', warm_up_epochs: 2, nu: 0.5 })
    const { due, update } = model.phases[0].refresh!
    expect([1, 2, 3, 4].map(due)).toEqual([true, false, true, true])
    const [, radius] = model.statistics.slice(-3)
    update(Float32Array.of(1, 1, 1, 3, 3, 3), 3)
    expect([...model.variables['centre/mean'].dataSync()]).toEqual([2, 2, 2])
    expect(radius.dataSync()[0]).toBe(0)
    update(Float32Array.of(2, 2, 5, 2, 2, 2), 3)
    expect([...model.variables['centre/mean'].dataSync()]).toEqual([2, 2, 2])
    expect(radius.dataSync()[0]).toBeCloseTo(1.5, 6)
    const { due: dueOneClass } = build({}).phases[0].refresh!
    expect([1, 2, 20].map(dueOneClass)).toEqual([true, false, false])
  })

  it('scores by the squared distance from the centre, inside of the sphere too, and expects the mean item', () => {
    const mean = sines(1, 1, 10)
    const model = build({ objective: 'soft-boundary', hidden: [7] }, [10], mean)
    const items = itemsOf([10], 2)
    model.variables['centre/mean'].assign(tf.tensor([0.5, -0.25, 1]))
    model.statistics.at(-2)!.assign(tf.scalar(100))
    const { score, latent, reconstruction } = model.score(items)
    const rows = latent.arraySync() as number[][]
    rows.forEach(([a, b, c], i) => {
      expect(score.dataSync()[i]).toBeCloseTo((a - 0.5) ** 2 + (b + 0.25) ** 2 + (c - 1) ** 2, 5)
    })
    expect([...reconstruction.dataSync()]).toEqual([...mean, ...mean])
  })

  it.each([
    [[10], {}],
    [[32, 32, 3], { pretrain: {} }],
    [[20, 16], { convolutions: [{ filters: 2 }] }],
  ])('has no bias anywhere in the network of %j features: zeros go to zeros', (featureShape, config) => {
    const model = build(config, featureShape)
    const encoder = Object.keys(model.variables).filter(name => name.startsWith('encoder'))
    expect(encoder.filter(name => /bias|beta|gamma/.test(name))).toEqual([])
    expect(encoder.length).toBeGreaterThan(2)
    const { latent } = model.score(tf.zeros([1, ...featureShape]))
    expect(Math.max(...latent.dataSync().map(Math.abs))).toBe(0)
  })

  it('begins with the encoder of an autoencoder', () => {
    const model = build({ hidden: [7], pretrain: { epochs: 3 } })
    expect(model.phases.map(({ name, epochs }) => [name, epochs])).toEqual([
      ['pretraining', 3],
      ['one-class', undefined],
    ])
    const reached = (phase: number) => {
      const { loss } = model.phases[phase].updates[0]
      const { grads } = tf.variableGrads(() => loss({ items: itemsOf([10]) }), [...model.parts.weights])
      return model.parts.weights.map(({ name }) => grads[name] != null)
    }
    expect(reached(0).every(Boolean)).toBe(true)
    const encoder = Object.keys(model.variables).filter(name => name.endsWith('/kernel')).length
    expect(reached(1)).toEqual(model.parts.weights.map((_, i) => i < encoder))
  })

  it.each([
    ['bounded activations', { activation: 'tanh' }, /leaky_relu or relu.*bias/],
    ['nu of 0', { nu: 0 }, /nu/],
    ['a centre that may be 0', { eps: 0 }, /eps/],
  ])('refuses %s', (_name, config, message) => {
    expect(() => architectureSchema.parse({ type: 'deep-svdd', ...config })).toThrow(message)
  })

  it('takes images of three axes for images, and says where layers do not fit', () => {
    const check = (config: object, featureShape: number[]) => () =>
      checkArchitecture(architectureSchema.parse({ type: 'deep-svdd', ...config }), featureShape)
    expect(build({ latent: null }, [32, 32, 3]).latentSize).toBe(128)
    expect(build({ latent: null, hidden: [8] }, [32, 32, 3]).latentSize).toBe(32)
    expect(build({ latent: null }, [640]).latentSize).toBe(32)
    expect(check({ convolutions: [{ filters: 4 }] }, [640])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_SHAPE', message: expect.stringMatching(/cannot take.*640 +features/s) }),
    )
    expect(check({ hidden: [4], convolutions: [{ filters: 4 }] }, [8, 8, 1])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG', at: 'architecture' }),
    )
  })
})
