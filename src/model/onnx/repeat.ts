import { ATTRIBUTE, decodeModel, encodeModel, type ValueInfoProto } from './model.ts'

/**
 * The graph of one step as a graph of many (`Scan`), so that the state stays on the device between them: inputs with an output
 * of their name and the suffix `next` go from step to step, inputs in `each` and all other outputs get an axis in front, one entry a step, and the remaining
 * inputs are the same for every step. How many steps there are is decided by the inputs of a run.
 * @param step ONNX model of one step
 */
export function repeatGraph(step: Uint8Array, { each, next }: { each: readonly string[]; next: string }): Uint8Array {
  const model = decodeModel(step, 'the graph of a step')
  const { graph } = model
  const find = (values: readonly ValueInfoProto[], name: string) => values.find(value => value.name === name)
  const carried = graph.input.filter(({ name }) => find(graph.output, name + next))
  const perStep = graph.input.filter(({ name }) => each.includes(name))
  const results = carried.map(({ name }) => find(graph.output, name + next)!)
  const collected = graph.output.filter(output => !results.includes(output))
  const [inputs, outputs] = [
    [...carried, ...perStep],
    [...results, ...collected],
  ]
  const inner = new Map([...inputs, ...outputs].map(({ name }) => [name, `step/${name}`]))
  const rename = (name: string) => inner.get(name) ?? name
  const renamed = (values: readonly ValueInfoProto[]) => values.map(value => ({ ...value, name: rename(value.name) }))
  const body = {
    ...graph,
    node: graph.node.map(node => ({
      ...node,
      input: node.input?.map(rename) ?? [],
      output: node.output?.map(rename) ?? [],
    })),
    input: renamed(inputs),
    output: renamed(outputs),
  }
  const scan = {
    name: 'steps',
    opType: 'Scan',
    input: inputs.map(({ name }) => name),
    output: outputs.map(({ name }) => name),
    attribute: [
      { name: 'body', type: ATTRIBUTE.graph, g: body },
      { name: 'num_scan_inputs', type: ATTRIBUTE.int, i: perStep.length },
    ],
  }
  return encodeModel({
    ...model,
    graph: {
      name: `${graph.name}_steps`,
      node: [scan],
      input: graph.input.map(value => (perStep.includes(value) ? withSteps(value) : value)),
      output: [...results, ...collected.map(withSteps)],
    },
  })
}

function withSteps({ name, type }: ValueInfoProto): ValueInfoProto {
  const { elemType, shape } = type!.tensorType!
  const dim = [{ dimParam: 'steps' }, ...(shape?.dim ?? [])]
  return { name, type: { tensorType: { elemType, shape: { dim } } } }
}
