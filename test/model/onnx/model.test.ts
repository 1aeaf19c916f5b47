import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeModel, encodeModel } from '../../../src/model/onnx/model.ts'
import { encodeGraph } from '../../../src/model/trace/encode.ts'

const bytes = encodeGraph({
  name: 'small',
  nodes: [
    { op: 'Concat', inputs: ['x', 'w'], outputs: ['y'], attributes: { axis: -1, alpha: 1, mode: 'a', pads: [0, -2] } },
  ],
  initializers: [{ name: 'w', type: 'float32', shape: [1, 2], bytes: new Uint8Array(Float32Array.of(1.5, -2).buffer) }],
  inputs: [{ name: 'x', type: 'float32', shape: ['n', 2] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['n', 4] }],
})

describe('decodeModel', () => {
  it('reads what was traced', () => {
    const { graph, opsetImport, irVersion } = decodeModel(bytes, 'small.onnx')
    expect(irVersion).toBe(8)
    expect(opsetImport).toMatchObject([{ version: 18 }])
    expect(graph.node).toMatchObject([{ opType: 'Concat', input: ['x', 'w'], output: ['y'] }])
    expect(graph.node[0].attribute).toMatchObject([
      { name: 'axis', i: -1, type: 2 },
      { name: 'alpha', f: 1, type: 1 },
      { name: 'mode', s: Buffer.from('a'), type: 3 },
      { name: 'pads', ints: [0, -2], type: 7 },
    ])
    const [weights] = graph.initializer ?? []
    expect(new Float32Array(new Uint8Array(weights.rawData ?? []).buffer)).toEqual(Float32Array.of(1.5, -2))
    expect(graph.input[0].type?.tensorType?.shape?.dim).toEqual([{ dimParam: 'n' }, { dimValue: 2 }])
  })

  it('writes again what it read, to the byte', () => {
    expect(Buffer.from(encodeModel(decodeModel(bytes, 'small.onnx')))).toEqual(Buffer.from(bytes))
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new Uint8Array(readFileSync(join(import.meta.dirname, 'model.test.ts')))],
    ['half a model', bytes.subarray(0, bytes.length / 2)],
  ])('refuses %s, and says where', (_, other) => {
    expect(() => decodeModel(other, 'other.onnx')).toThrow(/this is no ONNX model/)
    try {
      decodeModel(other, 'other.onnx')
    } catch (error) {
      expect(error).toMatchObject({ code: 'AUSCULT_BUNDLE', at: 'other.onnx' })
    }
  })
})
