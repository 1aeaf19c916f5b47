import { describe, expect, it } from 'vitest'
import type { Tensors } from '../../../src/model/engine.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { checkForeignManifest } from '../../../src/model/foreign/manifest.ts'
import { resolveModel } from '../../../src/model/foreign/resolve.ts'
import { decodeModel, type ModelProto, ONNX_TYPE } from '../../../src/model/onnx/model.ts'
import { errorOf } from '../../helpers/temporary.ts'
import { pairs, smallModel } from './small-models.ts'

const FRAME = { front_end: { type: 'frame', shape: [4] } }
const manifest = (content: object = {}) =>
  checkForeignManifest({ ...FRAME, outputs: { reconstruction: 'y' }, ...content }, 'm.yaml')

async function run(model: ModelProto, content: object, data = [1, 2, 3, 4, 0.5, 0, 0, 1]) {
  const adapted = await resolveModel(model, manifest(content), 'm.yaml')
  const session = await createOnnxSession(adapted.model, { device: 'cpu', threads: 1 })
  const feeds: Tensors = { features: { data: Float32Array.from(data), shape: [data.length / 4, 4] } }
  const results = await session.run(feeds)
  await session.release()
  return { adapted, results, values: (name: string) => [...results[name].data] }
}

const failure = async (model: ModelProto, content: object = {}) =>
  (await errorOf(() => resolveModel(model, manifest(content), 'm.yaml'))) as {
    message: string
    remedy: string
    code: string
  }

// For x = 1 2 3 4: y = 3 3 7 7, x − y = −2 −1 −4 −3. For 0.5 0 0 1: y = 0.5 0.5 1 1, x − y = 0 −0.5 −1 0.
describe('resolveModel', () => {
  it.each([13, 17, 18, 20])('gives score, latent and reconstruction at opset %i', async opset => {
    const { results, values, adapted } = await run(pairs({ opset }), { outputs: { reconstruction: 'y', latent: 'z' } })
    expect(values('reconstruction')).toEqual([3, 3, 7, 7, 0.5, 0.5, 1, 1])
    expect(values('score')).toEqual([7.5, 0.3125])
    expect(values('latent')).toEqual([3, 7, 0.5, 1])
    expect([results.score.shape, results.latent.shape]).toEqual([[2], [2, 2]])
    expect(adapted).toMatchObject({ latentSize: 2, layout: 'batch values', oneByOne: false, latent: 'z' })
  })

  it.each([
    ['mae', [2.5, 0.375]],
    ['smooth-l1', [2, 0.15625]],
  ])('scores by %s', async (loss, expected) => {
    expect((await run(pairs(), { loss })).values('score')).toEqual(expected)
  })

  it('scores by bce', async () => {
    const half = smallModel([{ opType: 'Sigmoid', input: ['x'], output: ['y'] }])
    const { values } = await run(half, { loss: 'bce' }, [0, 0, 0, 0])
    expect(values('score')[0]).toBeCloseTo(Math.LN2, 6)
  })

  it('takes the profile of the error where there is no latent', async () => {
    const { values, adapted } = await run(pairs(), {})
    expect(adapted).toMatchObject({ latentSize: 4, latent: null })
    expect(values('latent')).toEqual([4, 1, 16, 9, 0, 0.25, 1, 0])
  })

  it('runs a model for one item once for each', async () => {
    const { values, adapted } = await run(pairs({ input: [1, 4] }), { outputs: { reconstruction: 'y', latent: 'z' } })
    expect(adapted.oneByOne).toBe(true)
    expect(values('score')).toEqual([7.5, 0.3125])
    expect(values('latent')).toEqual([3, 7, 0.5, 1])
  })

  it('takes a score without a reconstruction', async () => {
    const model = smallModel([
      { opType: 'ReduceMax', input: ['x'], output: ['y'], attribute: [{ name: 'axes', type: 7, ints: [1] }] },
    ])
    const { values } = await run(model, { outputs: { score: 'y' } })
    expect(values('score')).toEqual([4, 1])
    expect(values('latent')).toEqual([4, 1])
    expect(values('reconstruction')).toEqual([1, 2, 3, 4, 0.5, 0, 0, 1])
  })

  it('renames values that have the names of ours, and leaves out what is not needed', async () => {
    const model = pairs({}, { latent: 'score' })
    model.graph.node.push({ opType: 'Exp', input: ['y'], output: ['latent'] })
    model.graph.output.push({ name: 'latent' })
    const { values, adapted } = await run(model, { outputs: { reconstruction: 'y', latent: 'score' } })
    expect(values('latent')).toEqual([3, 7, 0.5, 1])
    expect(decodeModel(adapted.model, '').graph.node.map(({ opType }) => opType)).not.toContain('Exp')
  })

  it.each([
    ['a batch of 4', pairs({ input: [4, 4] }), {}, /batches of 4 only/, /dynamic/],
    ['an input of integers', pairs({ type: ONNX_TYPE.int64 }), {}, /takes int64/, /float32/],
    ['features of another size', pairs({ input: ['n', 5] }), {}, /features are values 4.*\[any, 5\]/, /front_end/],
    ['an unknown value', pairs(), { outputs: { reconstruction: 'Y' } }, /no value Y/, /similar: y/],
    [
      'a latent for a reconstruction',
      pairs(),
      { outputs: { reconstruction: 'z' } },
      /z is \[2, 2\].*4 values/,
      /auscult model/,
    ],
    ['a reconstruction for a score', pairs(), { outputs: { score: 'y' } }, /one value for each item/, /auscult model/],
    ['an unknown input', pairs(), { input: { name: 'q' } }, /no input q/, /x/],
    ['numbers of another length', pairs(), { normalization: { offset: [1, 2], scale: 1 } }, /2 numbers/, /Give 1/],
    [
      'a constant for a score',
      smallModel([{ opType: 'ReduceSum', input: ['x'], output: ['y'] }]),
      { outputs: { score: 'y' } },
      /no axis for the batch/,
      /auscult model/,
    ],
  ])('refuses %s, and says what to do', async (_, model, content, message, remedy) => {
    const error = await failure(model, content)
    expect(error.code).toMatch(/AUSCULT_(CONFIG|BUNDLE)/)
    expect(error.message).toMatch(message)
    expect(error.remedy).toMatch(remedy)
  })

  it('refuses a model of two inputs', async () => {
    const model = pairs()
    model.graph.input.push({ ...model.graph.input[0], name: 'mask' })
    expect(await failure(model)).toMatchObject({ message: expect.stringContaining('2 inputs: x, mask') })
  })

  it('asks for a layout where the shape leaves it open', async () => {
    const model = smallModel([{ opType: 'Relu', input: ['x'], output: ['y'] }], { input: ['n', 12] })
    const front_end = { type: 'features', shape: [3, 4] }
    const error = await failure(model, { front_end })
    expect(error.remedy).toBe('Set input.layout: "batch (frames bins)" or "batch (bins frames)".')
  })
})

describe('a manifest', () => {
  it.each([
    [{ outputs: {} }, /reconstruction, or the score/],
    [{ front_end: { type: 'raw', normalization: 'minmax' } }, /numbers of its own/],
    [{ outputs: { reconstruction: 'y', other: 'z' } }, /outputs.other: unknown option/],
  ])('%j is refused', (content, message) => {
    expect(() => manifest(content)).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }))
  })
})
