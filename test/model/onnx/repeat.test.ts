import { describe, expect, it } from 'vitest'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { decodeModel } from '../../../src/model/onnx/model.ts'
import { repeatGraph } from '../../../src/model/onnx/repeat.ts'
import { tf } from '../../../src/model/tf.ts'
import { NEXT, trace } from '../../../src/model/trace/trace.ts'

/** state:next = state · factor + x; seen = state + x */
const step = () =>
  trace({
    name: 'step',
    inputs: { state: { shape: [2] }, x: { shape: [2] }, factor: { shape: [] } },
    fn: ({ state, x, factor }) => ({
      [`state${NEXT}`]: tf.add(tf.mul(state, factor), x),
      seen: tf.add(state, x),
    }),
  }).onnx

const tensor = (values: number[], shape: number[]) => ({ data: Float32Array.from(values), shape })

describe('repeatGraph', () => {
  const repeated = repeatGraph(step(), { each: ['x'], next: NEXT })

  it.each([1, 2, 5])('carries the state through %i steps, and collects the rest', async steps => {
    const session = await createOnnxSession(repeated, { device: 'cpu', threads: 1 })
    const x = Array.from({ length: 2 * steps }, (_, i) => i + 1)
    const result = await session.run({
      state: tensor([1, -1], [2]),
      factor: tensor([0.5], []),
      x: tensor(x, [steps, 2]),
    })
    let state = [1, -1]
    const seen: number[] = []
    for (let k = 0; k < steps; k++) {
      seen.push(...state.map((value, i) => value + x[2 * k + i]))
      state = state.map((value, i) => 0.5 * value + x[2 * k + i])
    }
    expect([...result[`state${NEXT}`].data]).toEqual(state)
    expect(result.seen.shape).toEqual([steps, 2])
    expect([...result.seen.data]).toEqual(seen)
    await session.release()
  })

  it('keeps the names and shapes of what goes in and out, with an axis for steps where there are many', () => {
    const { graph } = decodeModel(repeated, 'test')
    const shapes = (values: typeof graph.input) =>
      Object.fromEntries(
        values.map(({ name, type }) => [
          name,
          (type!.tensorType!.shape?.dim ?? []).map(({ dimParam, dimValue }) => dimParam || dimValue),
        ]),
      )
    expect(shapes(graph.input)).toEqual({ state: [2], x: ['steps', 2], factor: [] })
    expect(shapes(graph.output)).toEqual({ [`state${NEXT}`]: [2], seen: ['steps', 2] })
  })
})
