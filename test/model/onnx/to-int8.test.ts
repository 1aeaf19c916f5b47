import { describe, expect, it } from 'vitest'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { bodyOf } from '../../../src/model/onnx/body.ts'
import { decodeModel, type ModelProto } from '../../../src/model/onnx/model.ts'
import { stepsOf } from '../../../src/model/onnx/quantize.ts'
import { measureRanges } from '../../../src/model/onnx/ranges.ts'
import { toInt8 } from '../../../src/model/onnx/to-int8.ts'
import { encodeGraph } from '../../../src/model/trace/encode.ts'
import { seeded } from '../../../src/random.ts'
import { PCA, SMALL } from '../../helpers/architectures.ts'
import { expectScores, itemsFor, modelOf, operators, outputsOf, type Small, simplified } from '../../helpers/reduced.ts'

async function quantized(small: Small): Promise<{ model: ModelProto; int8: ModelProto }> {
  const original = modelOf(small)
  const ranges = await measureRanges(original, [itemsFor(small)], createOnnxSession)
  const model = await simplified(original)
  return { model, int8: toInt8(model, ranges)! }
}

describe('toInt8', () => {
  it.each([...SMALL, PCA])('scores as before: $name', async small => {
    const { model, int8 } = await quantized(small)
    const items = itemsFor(small, 32, 6)
    expectScores(await outputsOf(int8, items), await outputsOf(model, items), 1e-2)
    const isLinear = (name: string) => name === 'Gemm' || name === 'Conv' || name === 'MatMul'
    // What computes the score alone stays as it is: the variance of a latent, say.
    const body = bodyOf(model.graph)
    const kept = model.graph.node.filter(node => !body.has(node)).map(({ opType }) => opType)
    expect(operators(int8).filter(isLinear)).toEqual(kept.filter(isLinear))
  })

  it('goes from layer to layer in 8 bits, and gives floats where they are wanted', async () => {
    const { int8 } = await quantized(SMALL[0])
    const names = operators(int8)
    expect(names.filter(name => name === 'QGemm')).toHaveLength(6)
    // What comes in; and the latent, which is also given out.
    expect(names.filter(name => name === 'QuantizeLinear')).toHaveLength(1)
    expect(names.filter(name => name === 'DequantizeLinear')).toHaveLength(1)
  })

  it('keeps a layer whose values were not measured, and a model that has no other', async () => {
    const model = await simplified(modelOf(SMALL[0]))
    expect(toInt8(model, {})).toBeUndefined()
    const some = toInt8(model, { features: [-2, 2] })!
    expect(operators(some).filter(name => name === 'QGemm')).toHaveLength(1)
    expect(operators(some).filter(name => name === 'Gemm')).toHaveLength(5)
  })

  it('scores windows that go further than those that were measured', async () => {
    const [small] = SMALL
    const { model, int8 } = await quantized(small)
    const items = itemsFor(small)
    const louder = { ...items, data: items.data.map(value => 1.9 * value) }
    expectScores(await outputsOf(int8, louder), await outputsOf(model, louder), 2e-2)
  })
})

describe('toInt8 of models made elsewhere', () => {
  const seed = seeded(1)
  const weights = (name: string, shape: number[]) => {
    const data = Float32Array.from({ length: sizeOf(shape) }, () => seed.uniform() - 0.5)
    return { name, type: 'float32', shape, bytes: new Uint8Array(data.buffer) } as const
  }
  const node = (op: string, inputs: string[], output: string, attributes = {}) => ({
    op,
    inputs,
    outputs: [output],
    attributes,
  })
  const shape = ['n', 4, 6]

  it('takes matrix products of stacks, with transposed weights in Gemm beside them', async () => {
    const model = decodeModel(
      encodeGraph({
        name: 'stacks',
        inputs: [{ name: 'features', type: 'float32', shape }],
        outputs: [
          { name: 'score', type: 'float32', shape: ['n'] },
          { name: 'latent', type: 'float32', shape: ['n', 3] },
          { name: 'reconstruction', type: 'float32', shape },
        ],
        initializers: [
          weights('w1', [6, 5]),
          weights('b1', [5]),
          weights('w2', [3, 20]),
          weights('b2', [3]),
          weights('w3', [3, 24]),
          { name: 'flat', type: 'int64', shape: [2], bytes: new Uint8Array(BigInt64Array.of(-1n, 20n).buffer) },
          { name: 'stack', type: 'int64', shape: [3], bytes: new Uint8Array(BigInt64Array.of(-1n, 4n, 6n).buffer) },
          { name: 'axes', type: 'int64', shape: [2], bytes: new Uint8Array(BigInt64Array.of(1n, 2n).buffer) },
        ],
        nodes: [
          node('MatMul', ['features', 'w1'], 'product'),
          node('Add', ['product', 'b1'], 'sum'),
          node('Elu', ['sum'], 'hidden', { alpha: 1 }),
          node('Reshape', ['hidden', 'flat'], 'rows'),
          node('Gemm', ['rows', 'w2', 'b2'], 'latent', { transB: 1 }),
          node('MatMul', ['latent', 'w3'], 'back'),
          node('Reshape', ['back', 'stack'], 'reconstruction'),
          node('Sub', ['features', 'reconstruction'], 'residual'),
          node('Mul', ['residual', 'residual'], 'squares'),
          node('ReduceMean', ['squares', 'axes'], 'score', { keepdims: 0 }),
        ],
      }),
      'stacks',
    )
    const items = itemsFor({ featureShape: [4, 6] }, 64)
    const int8 = toInt8(await simplified(model), await measureRanges(model, [items], createOnnxSession))!
    expect(operators(int8).filter(name => name === 'MatMulIntegerToFloat' || name === 'QGemm')).toHaveLength(3)
    expectScores(await outputsOf(int8, items), await outputsOf(model, items), 1e-2)
  })
})

describe('stepsOf', () => {
  it('meets zero exactly and goes twice as far as was measured', () => {
    for (const range of [
      [-1, 3],
      [0.5, 2],
      [-4, -1],
      [0, 0],
    ] as const) {
      const { step, zero } = stepsOf(range)
      expect(Number.isInteger(zero) && zero >= 0 && zero <= 255).toBe(true)
      expect(-zero * step).toBeLessThanOrEqual(2 * Math.min(0, range[0]) + step)
      expect((255 - zero) * step).toBeGreaterThanOrEqual(2 * Math.max(0, range[1]) - step)
    }
  })
})

describe('measureRanges', () => {
  it('finds the ends of each value over all batches', async () => {
    const model = modelOf(SMALL[0])
    const batches = [itemsFor(SMALL[0], 3, 1), itemsFor(SMALL[0], 5, 2)]
    const ranges = await measureRanges(model, batches, createOnnxSession)
    const all = batches.flatMap(({ data }) => [...data])
    expect(ranges.features).toEqual([Math.min(...all), Math.max(...all)])
    const latents = await Promise.all(batches.map(batch => outputsOf(model, batch)))
    const values = latents.flatMap(({ latent }) => [...latent.data])
    expect(ranges.latent[0]).toBeCloseTo(Math.min(...values), 5)
    expect(ranges.latent[1]).toBeCloseTo(Math.max(...values), 5)
    // Nothing of the score, and no constants.
    expect(Object.keys(ranges).filter(name => /^(score|c\d+)$/.test(name))).toEqual([])
  })
})
