import { GraphView } from '../onnx/graph-view.ts'
import { ATTRIBUTE, type GraphProto, ONNX_TYPE, type TensorProto, type ValueInfoProto } from '../onnx/model.ts'
import { type Nodes, OURS } from './nodes.ts'

const item = `${OURS}item`

/** A model that takes one item only as the body of a Scan over the items of a batch. */
export const onePerRun = {
  /** Features of one item, inside. */
  item,

  /**
   * @param body the model with nodes of ours around it, from `item` to `values`, which have no batch; `constants` are those of our nodes
   * @param outside gets the Scan @param sizes shape of each value
   * @returns what is left outside (the weights), and the values of all items
   */
  wrap(
    body: GraphProto,
    constants: TensorProto[],
    outside: Nodes,
    values: readonly (string | undefined)[],
    sizes: readonly (readonly number[])[],
  ): { graph: GraphProto; values: (string | undefined)[] } {
    const wanted = values.filter(value => value !== undefined)
    const needed = new GraphView(body).behind(wanted)
    const node = body.node.filter(each => needed.has(each))
    const graph: GraphProto = {
      name: 'item',
      node,
      input: [info(item, sizes[0])],
      output: wanted.map(value => info(value, sizes[values.indexOf(value)])),
      initializer: constants,
    }
    const outputs = wanted.map((_, i) => `${OURS}items${i}`)
    outside.node.push({
      opType: 'Scan',
      name: `${OURS}scan`,
      input: ['features'],
      output: outputs,
      attribute: [
        { name: 'body', type: ATTRIBUTE.graph, g: graph },
        { name: 'num_scan_inputs', type: ATTRIBUTE.int, i: 1 },
      ],
    })
    const outer = { ...body, node: [] }
    return { graph: outer, values: values.map(value => value && outputs[wanted.indexOf(value)]) }
  },
}

function info(name: string, dims: readonly number[]): ValueInfoProto {
  const dim = dims.map(dimValue => ({ dimValue }))
  return { name, type: { tensorType: { elemType: ONNX_TYPE.float32, shape: { dim } } } }
}
