import { describe, expect, it } from 'vitest'
import { PCA, SMALL } from '../../helpers/architectures.ts'
import { expectScores, itemsFor, modelOf, operators, outputsOf, simplified } from '../../helpers/reduced.ts'
import { relativeDifference } from '../../helpers/traced.ts'

describe('simplify', () => {
  it.each([...SMALL, PCA])('keeps what $name computes, in fewer nodes', async small => {
    const model = modelOf(small)
    const simple = await simplified(model)
    expect(operators(simple).length).toBeLessThan(operators(model).length)
    const items = itemsFor(small)
    const [actual, expected] = [await outputsOf(simple, items), await outputsOf(model, items)]
    expectScores(actual, expected, 1e-5)
    for (const name of ['latent', 'reconstruction']) {
      expect(actual[name].shape).toEqual(expected[name].shape)
      expect(relativeDifference(actual[name].data, expected[name].data)).toBeLessThanOrEqual(1e-5)
    }
  })

  it('leaves layers and activations alone of a dense network with batch norm', async () => {
    const body = operators(await simplified(modelOf(SMALL[0]))).filter(
      name => !/^(Sub|Mul|ReduceSum|Reshape)$/.test(name),
    )
    expect(body).toEqual(['Gemm', 'Relu', 'Gemm', 'Relu', 'Gemm', 'Relu', 'Gemm', 'Relu', 'Gemm', 'Relu', 'Gemm'])
  })

  it('leaves no scale of batch norm behind a convolution', async () => {
    const body = operators(await simplified(modelOf(SMALL[6])))
    expect(body.filter(name => name === 'Add')).toEqual([])
    // The score's: squares, and the mean.
    expect(body.filter(name => name === 'Mul')).toHaveLength(2)
  })
})
