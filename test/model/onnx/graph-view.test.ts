import { describe, expect, it } from 'vitest'
import { GraphView, withoutUnused } from '../../../src/model/onnx/graph-view.ts'
import {
  ATTRIBUTE,
  type GraphProto,
  type NodeProto,
  ONNX_TYPE,
  type ValueInfoProto,
} from '../../../src/model/onnx/model.ts'
import { simplify } from '../../../src/model/onnx/simplify.ts'
import { constant } from '../../../src/model/onnx/tensors.ts'

const value = (name: string): ValueInfoProto => ({
  name,
  type: { tensorType: { elemType: ONNX_TYPE.float32, shape: { dim: [{ dimParam: 'n' }, { dimValue: 2 }] } } },
})

/** Both branches add the constant `w` and the value `rows`, which they take from outside. */
const branch = (name: string): GraphProto => ({
  name,
  node: [
    { opType: 'Add', input: ['rows', 'w'], output: [`${name}/sum`] },
    { opType: 'Relu', input: [`${name}/sum`], output: [`${name}/out`] },
  ],
  input: [],
  output: [value(`${name}/out`)],
})

const choose: NodeProto = {
  opType: 'If',
  input: ['truth'],
  output: ['y'],
  attribute: ['then_branch', 'else_branch'].map(name => ({ name, type: ATTRIBUTE.graph, g: branch(name) })),
}

/** `x [n, 2]` → Reshape to rows, which it has already → If. */
const graph: GraphProto = {
  name: 'choice',
  node: [{ opType: 'Reshape', input: ['x', 'shape'], output: ['rows'] }, choose],
  initializer: [
    constant('shape', 'int64', [2], BigInt64Array.of(-1n, 2n)),
    constant('truth', 'bool', [], Uint8Array.of(1)),
    constant('w', 'float32', [2], Float32Array.of(1, 2)),
  ],
  input: [value('x')],
  output: [value('y')],
}

describe('values that graphs inside nodes take from outside', () => {
  it('are needed, with what makes them', () => {
    expect(withoutUnused(graph)).toEqual(graph)
    expect([...new GraphView(graph).behind(['y'])]).toEqual([choose, graph.node[0]])
  })

  it('have the node as their taker', () => {
    const view = new GraphView(graph)
    expect(view.soleTaker('rows')).toBe(choose)
    expect(view.takersOf('w')).toEqual([choose])
    expect(view.takersOf('then_branch/sum')).toEqual([])
  })

  it('keep their names when a graph is simplified', () => {
    expect(simplify(graph)).toEqual(graph)
  })
})
