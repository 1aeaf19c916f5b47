import { describe, expect, it } from 'vitest'
import { ONNX_TYPE } from '../../../src/model/onnx/model.ts'
import { constant } from '../../../src/model/onnx/tensors.ts'
import { toFloat16 } from '../../../src/model/onnx/to-float16.ts'
import { SMALL, UNTRAINED } from '../../helpers/architectures.ts'
import { expectScores, itemsFor, modelOf, outputsOf, simplified } from '../../helpers/reduced.ts'

describe('toFloat16', () => {
  it.each([...SMALL, ...UNTRAINED])('scores as before: $name', async small => {
    const model = await simplified(modelOf(small))
    const half = { ...model, graph: toFloat16(model.graph, 'model') }
    const items = itemsFor(small)
    expectScores(await outputsOf(half, items), await outputsOf(model, items), 1e-2)
  })

  it('leaves inputs, outputs and the score in 32 bits, and no weight', async () => {
    const model = await simplified(modelOf(SMALL[0]))
    const graph = toFloat16(model.graph, 'model')
    expect([graph.input, graph.output]).toEqual([model.graph.input, model.graph.output])
    const tail = graph.node.filter(({ opType }) => /^(Sub|Mul|ReduceSum)$/.test(opType))
    expect(tail.length).toBeGreaterThan(2)
    expect(tail.flatMap(({ input = [] }) => input).filter(name => name.endsWith('~half'))).toEqual([])
    const weights = graph.initializer?.filter(({ dims = [] }) => dims.length === 2)
    expect(weights?.map(({ dataType }) => dataType)).toEqual(Array(6).fill(ONNX_TYPE.float16))
  })

  it('refuses weights that have no place', async () => {
    const model = await simplified(modelOf(SMALL[0]))
    const initializer = model.graph.initializer?.map(tensor =>
      tensor.dims?.length === 2
        ? constant(tensor.name!, 'float32', tensor.dims, new Float32Array(tensor.dims[0] * tensor.dims[1]).fill(7e4))
        : tensor,
    )
    expect(() => toFloat16({ ...model.graph, initializer }, 'big')).toThrow(
      expect.objectContaining({ code: 'AUSCULT_PRECISION', at: 'big', message: expect.stringContaining('70000') }),
    )
  })
})
