import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architectureSchema, checkArchitecture } from '../../../src/model/architectures/config.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import type { Model } from '../../../src/model/families/model.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { tf } from '../../../src/model/tf.ts'
import { relativeDifference } from '../../helpers/traced.ts'

const golden = JSON.parse(readFileSync('test/fixtures/families/alad.json', 'utf8'))
const ITEMS = 6
const SHAPE = [8, 16, 2]

const waves = (f: (k: number) => number, shape: readonly number[]) =>
  tf.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, k) => f(k)),
    [...shape],
  )

const build = (config: object, featureShape = SHAPE) =>
  buildModel(architectureSchema.parse({ type: 'alad', latent: 3, filters: 2, ...config }), {
    featureShape,
    seed: 0,
    loss: 'mse',
  })

/** The networks with the weights, masks and draws of the fixture's script. */
function filled(config: object): Model {
  const model = build(config)
  const { discriminators, players } = model.parts
  for (const [i, variable] of [...discriminators, ...players].entries()) {
    variable.assign(waves(k => 0.4 * Math.sin(k + 10 * i), variable.shape))
  }
  for (const variable of model.statistics) if (variable.rank === 2) variable.assign(waves(Math.cos, variable.shape))
  for (const [i, random] of model.randoms.entries()) {
    const isLatent = i < 2
    random.value = waves(
      k => (isLatent ? 0.8 * Math.sin(0.53 * k) : 1 + 0.5 * Math.sin(0.7 * k)),
      [ITEMS, ...random.itemShape],
    )
  }
  return model
}

const items = waves(k => Math.sin(0.37 * k), [ITEMS, ...SHAPE])

function gradientsOf(model: Model, part: 'discriminators' | 'players') {
  const update = model.phases[0].updates.find(each => each.part === part)!
  const variables = [...model.parts[part]]
  const { value, grads } = tf.variableGrads(() => update.loss({ items }), variables)
  const gradients = variables.map(({ name, size }) => {
    const g = tf.reshape(grads[name], [-1])
    return [tf.sum(tf.mul(g, waves(Math.cos, [size]))).dataSync()[0], tf.norm(g).dataSync()[0]]
  })
  return { loss: value.dataSync()[0], gradients }
}

const total = (losses: Record<string, number>) => Object.values(losses).reduce((sum, loss) => sum + loss, 0)

describe('alad', () => {
  it.each(['discriminators', 'players'] as const)('agrees with PyTorch: losses and gradients of the %s', part => {
    const { loss, gradients } = gradientsOf(filled({}), part)
    expect(loss).toBeCloseTo(total(golden[part].losses), 5)
    expect(relativeDifference(gradients.flat(), golden[part].gradients.flat())).toBeLessThan(1e-4)
  })

  it.each(['discriminators', 'players'] as const)('leaves the pairs of latents out of the loss of the %s', part => {
    const { zz, ...losses } = golden[part].losses
    const all = filled({})
    const some = filled({ allow_zz: false })
    // Variables are filled by their place: the players' are others where there are fewer discriminators.
    some.parts.players.forEach((variable, i) => {
      variable.assign(all.parts.players[i])
    })
    expect(gradientsOf(some, part).loss).toBeCloseTo(total(losses), 5)
    expect(zz).toBeGreaterThan(0.1)
  })

  it.each(['features', 'logits', 'l1', 'l2'])('agrees with PyTorch: score %s', score => {
    const model = filled({ score })
    const result = model.score(items)
    expect(relativeDifference(result.score.dataSync(), golden.scores[score])).toBeLessThan(1e-4)
    expect(relativeDifference(result.latent.dataSync(), golden.scores.latent)).toBeLessThan(1e-4)
    expect(Math.min(...result.score.dataSync())).toBeGreaterThan(0)
    expect(model.phases[0].validate({ items }).dataSync()[0]).toBeCloseTo(golden.scores.reconstruction_mse, 5)
  })

  it('scores no item below 0, however sure the discriminator is', () => {
    const model = filled({ score: 'logits' })
    const bias = model.variables[Object.keys(model.variables).find(name => /xx_logit.*bias/.test(name))!]
    for (const value of [-1000, 0, 1000]) {
      bias.assign(tf.tensor([value]))
      const scores = [...model.score(items).score.dataSync()]
      expect(scores.every(score => score >= 0 && Number.isFinite(score))).toBe(true)
    }
  })

  it('keeps the estimate of training, and moves it by one iteration for each pass', () => {
    const model = filled({})
    const estimates = () => model.statistics.filter(({ rank }) => rank === 2).map(u => [...u.dataSync()])
    const before = estimates()
    model.score(items)
    expect(estimates()).toEqual(before)
    model.phases[0].updates[0].loss({ items })
    for (const [i, u] of estimates().entries()) if (u.length > 1) expect(u).not.toEqual(before[i])
  })

  it('grows with the features', () => {
    const widths = (featureShape: number[]) => {
      const model = build({ filters: 4 }, featureShape)
      model.dispose()
      return model.layers.filter(({ name }) => /^encoder.*conv$/.test(name)).length
    }
    expect(
      [
        [16, 16, 1],
        [32, 32, 3],
        [64, 64, 1],
        [64, 128, 1],
      ].map(widths),
    ).toEqual([3, 4, 5, 5])
  })

  it('is fully connected where features are no pictures, or where one says so', () => {
    const kinds = (config: object, shape: number[]) => {
      const model = build({ hidden: 4, ...config }, shape)
      model.dispose()
      return model.layers.some(({ name }) => /conv$/.test(name))
    }
    expect([
      kinds({}, [40]),
      kinds({}, [5, 8]),
      kinds({ network: 'dense' }, [32, 32, 1]),
      kinds({}, [32, 32, 1]),
    ]).toEqual([false, false, false, true])
    expect(kinds({ network: 'conv' }, [16, 16])).toBe(true)
  })

  it.each([[[13, 18, 1]], [[6, 6, 1]], [[36, 32, 3]]])('refuses features of %s', shape => {
    const check = (config: object) => checkArchitecture(architectureSchema.parse({ type: 'alad', ...config }), shape)
    expect(() => check({})).toThrow(expect.objectContaining({ code: 'AUSCULT_SHAPE', at: 'architecture.network' }))
    expect(() => check({ network: 'dense' })).not.toThrow()
  })

  it('refuses convolutions of a vector', () => {
    const config = architectureSchema.parse({ type: 'alad', network: 'conv' })
    expect(() => checkArchitecture(config, [32])).toThrow(expect.objectContaining({ code: 'AUSCULT_SHAPE' }))
  })
})
