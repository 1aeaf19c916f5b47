import { expect, it } from 'vitest'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { lowerSpaceToDepth } from '../../../src/model/onnx/lower-space-to-depth.ts'
import { decodeModel, encodeModel } from '../../../src/model/onnx/model.ts'

const tensor = (name: string) => ({
  name,
  type: { tensorType: { elemType: 1, shape: { dim: ['n', 'c', 'h', 'w'].map(dim => ({ dimParam: name + dim })) } } },
})

const model = (opType: string, blocksize?: number) =>
  encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 18 }],
    graph: {
      name: 'test',
      node: [
        {
          opType,
          input: ['x'],
          output: ['y'],
          ...(blocksize && { attribute: [{ name: 'blocksize', type: 2, i: blocksize }] }),
        },
      ],
      input: [tensor('x')],
      output: [tensor('y')],
    },
  })

it.each([
  { shape: [1, 1, 2, 2], b: 2 },
  { shape: [3, 2, 4, 6], b: 2 },
  { shape: [2, 5, 9, 3], b: 3 },
])('gives what SpaceToDepth gives: $shape in blocks of $b', async ({ shape, b }) => {
  const lowered = lowerSpaceToDepth(model('SpaceToDepth', b))
  expect(decodeModel(lowered, 'test').graph.node.map(({ opType }) => opType)).not.toContain('SpaceToDepth')
  const x = { data: Float32Array.from({ length: shape.reduce((p, q) => p * q) }, (_, i) => i), shape }
  const [expected, actual] = await Promise.all(
    [model('SpaceToDepth', b), lowered].map(async onnx => {
      const session = await createOnnxSession(onnx, { device: 'cpu', threads: 1 })
      const { y } = await session.run({ x })
      await session.release()
      return y
    }),
  )
  expect(actual.shape).toEqual(expected.shape)
  expect([...actual.data]).toEqual([...expected.data])
})

it('leaves other models alone', () => {
  const bytes = model('Relu')
  expect(lowerSpaceToDepth(bytes)).toBe(bytes)
})
