import { sizeOf } from '../frontends/frontend.ts'
import type { Loss } from '../loss-names.ts'
import { withoutUnused } from '../onnx/graph-view.ts'
import { type GraphProto, type ModelProto, ONNX_TYPE, type OnnxType, type ValueInfoProto } from '../onnx/model.ts'
import { renameValues } from '../onnx/subgraphs.ts'
import { type ModelInput, typeName } from './input.ts'
import { type Axis, inputShape, type Layout, permutation } from './layout.ts'
import { Nodes, OURS } from './nodes.ts'
import { onePerRun } from './one-per-run.ts'
import { lossNodes, profileNodes } from './scores.ts'

/** The names of a bundle's graph. */
const CONTRACT = ['features', 'score', 'latent', 'reconstruction'] as const
/** Values of the model that have one of ours are renamed to this. */
const THEIRS = 'model/'

/** A value of the model that becomes an output. */
export interface NamedValue {
  readonly name: string
  /** Axis of the batch and length of the others in their order; learnt by running it. */
  readonly batchAxis: number
  readonly rank: number
}

export interface Adaptation {
  readonly input: ModelInput
  readonly layout: Layout
  readonly axes: readonly Axis[]
  /** The model takes one item only: it is run for each. */
  readonly oneByOne: boolean
  readonly reconstruction: NamedValue | null
  readonly score: NamedValue | null
  readonly latent: NamedValue | null
  readonly latentSize: number
  readonly loss: Loss
}

/** Version of the standard operators that a model uses. */
export const opsetOf = (model: ModelProto): number =>
  model.opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 1

/**
 * Somebody else's model as a bundle has it: `features [n, …]` (float32, in our order of axes) to `score [n]`, `latent [n, d]` and
 * `reconstruction [n, …]`. What only other outputs need is left out.
 */
export function adaptModel(model: ModelProto, adaptation: Adaptation): ModelProto {
  const { axes, latentSize, loss } = adaptation
  const nodes = new Nodes(opsetOf(model), `${OURS}out/`)
  const core = runModel(model, adaptation, nodes)
  const [reconstructed, scored, bottleneck] = core.values
  const shape = axes.map(({ size }) => size)
  const size = sizeOf(shape)

  if (reconstructed) nodes.add('Identity', [reconstructed], [], 'reconstruction')
  else nodes.add('Identity', ['features'], [], 'reconstruction')
  const rows = (value: string) => nodes.reshape(value, [-1, size])
  const compared = reconstructed ? ([rows('reconstruction'), rows('features')] as const) : undefined
  if (scored) nodes.reshape(scored, [-1], 'score')
  else nodes.mean(lossNodes(nodes, loss, ...compared!), 'score')
  if (bottleneck) nodes.reshape(bottleneck, [-1, latentSize], 'latent')
  else if (compared) {
    profileNodes(nodes, lossNodes(nodes, 'mse', ...compared), size, binsOf(axes), 'latent')
  } else nodes.reshape('score', [-1, 1], 'latent')

  const outputs = [
    valueInfo('score', ['n']),
    valueInfo('latent', ['n', latentSize]),
    valueInfo('reconstruction', ['n', ...shape]),
  ]
  return assemble(model, core.graph, nodes, valueInfo('features', ['n', ...shape]), outputs)
}

/** The model with our input, and values of its own as outputs that are as it gives them: to learn their shapes. */
export function exposeValues(
  model: ModelProto,
  adaptation: Pick<Adaptation, 'input' | 'layout' | 'axes'>,
  names: readonly string[],
): ModelProto {
  const graph = renameValues(model.graph, theirs)
  const before = new Nodes(opsetOf(model), `${OURS}in/`)
  feed(before, adaptation, 'features', theirs(adaptation.input.name))
  const after = new Nodes(opsetOf(model))
  const outputs = names.map((name, i) => ({ name: after.cast(theirs(name), 'float32', exposedName(i)) }))
  const shape = adaptation.axes.map(({ size }) => size)
  const whole = { ...graph, node: [...before.node, ...graph.node] }
  const constants = [...before.constants, ...after.constants]
  const added = { node: after.node, constants }
  return assemble(model, whole, added, valueInfo('features', ['n', ...shape]), outputs)
}

export const exposedName = (index: number): string => `${OURS}value${index}`

const isOurs = (name: string): boolean => name.startsWith(OURS) || (CONTRACT as readonly string[]).includes(name)

/** The last axis longer than 1: frequency, for spectra. */
export const binsOf = (axes: readonly Axis[]): number => axes.findLast(({ size }) => size > 1)?.size ?? 1

/** The model's nodes with ours around them; the values of the contract that it has, as float32 with the batch first. */
function runModel(model: ModelProto, adaptation: Adaptation, outside: Nodes) {
  const { axes, layout, input, oneByOne, latentSize } = adaptation
  const graph = renameValues(model.graph, theirs)
  const before = new Nodes(opsetOf(model), `${OURS}in/`)
  feed(before, adaptation, oneByOne ? onePerRun.item : 'features', theirs(input.name))
  const after = new Nodes(opsetOf(model), OURS)
  const { reconstruction, score, latent } = adaptation
  const values = [reconstruction, score, latent].map(value => {
    if (!value) return undefined
    const float = after.cast(theirs(value.name), 'float32')
    return value === reconstruction ? restore(after, float, layout, axes) : after.transpose(float, batchFirst(value))
  })
  const shape = axes.map(({ size }) => size)
  const shaped = oneByOne
    ? [shape, [], [latentSize]].map((dims, i) => values[i] && after.reshape(values[i], dims))
    : values
  const node = [...before.node, ...graph.node, ...after.node]
  const constants = [...before.constants, ...after.constants]
  if (oneByOne) return onePerRun.wrap({ ...graph, node }, constants, outside, shaped, [shape, [], [latentSize]])
  return { graph: { ...graph, node, initializer: [...(graph.initializer ?? []), ...constants] }, values }
}

const theirs = (name: string): string => (isOurs(name) ? THEIRS + name : name)

const batchFirst = ({ batchAxis, rank }: NamedValue): number[] => [
  batchAxis,
  ...Array.from({ length: rank }, (_, axis) => axis).filter(axis => axis !== batchAxis),
]

/** Features in our order to the model's input. */
function feed(
  nodes: Nodes,
  { input, layout, axes }: Pick<Adaptation, 'input' | 'layout' | 'axes'>,
  from: string,
  to: string,
): void {
  const ordered = nodes.transpose(nodes.reshape(from, [-1, ...axes.map(({ size }) => size)]), permutation(layout, axes))
  nodes.cast(nodes.reshape(ordered, inputShape(layout, axes)), typeName(input.type) as OnnxType, to)
}

/** What has the input's order of axes back to ours. */
function restore(nodes: Nodes, value: string, layout: Layout, axes: readonly Axis[]): string {
  const order = permutation(layout, axes)
  const full = nodes.reshape(
    value,
    order.map(axis => (axis === 0 ? -1 : axes[axis - 1].size)),
  )
  return nodes.transpose(
    full,
    order.map((_, axis) => order.indexOf(axis)),
  )
}

function assemble(
  model: ModelProto,
  graph: GraphProto,
  { node, constants }: Pick<Nodes, 'node' | 'constants'>,
  input: ValueInfoProto,
  output: ValueInfoProto[],
): ModelProto {
  const all = { node: [...graph.node, ...node], initializer: [...(graph.initializer ?? []), ...constants] }
  return { ...model, graph: withoutUnused({ ...graph, ...all, input: [input], output, valueInfo: [] }) }
}

function valueInfo(name: string, shape: readonly (string | number)[]): ValueInfoProto {
  const dim = shape.map(each => (typeof each === 'string' ? { dimParam: each } : { dimValue: each }))
  return { name, type: { tensorType: { elemType: ONNX_TYPE.float32, shape: { dim } } } }
}
