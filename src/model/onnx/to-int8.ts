import { originOf } from './alias.ts'
import { bodyOf } from './body.ts'
import { GraphView, withoutUnused } from './graph-view.ts'
import { type Linear, linearOf } from './linear.ts'
import type { ModelProto, NodeProto, TensorProto } from './model.ts'
import { quantizeBias, quantizeWeights, stepsOf } from './quantize.ts'
import type { Ranges } from './ranges.ts'
import { constant } from './tensors.ts'

/** The domain of ONNX Runtime's own operators. */
const MICROSOFT = 'com.microsoft'

/** A value in 8 bits: names of the bits, their scale and their zero point. */
interface Bits {
  bits: string
  scale: string
  zero: string
  step: number
}

/**
 * The same model with its linear layers in 8 bits (static quantisation): values unsigned with a zero point, weights signed with a scale for each
 * channel, sums in 32 bits. What comes in and goes out, and what computes the score, has 32-bit floats. Transposed convolutions have too: ONNX
 * Runtime knows no others.
 * @param ranges of the model's values; a layer on values that were not measured stays as it is
 * @returns undefined where no layer can be computed so
 */
export function toInt8(model: ModelProto, ranges: Ranges): ModelProto | undefined {
  const quantizer = new Quantizer(model, ranges)
  const graph = quantizer.convert()
  if (!quantizer.found) return undefined
  const opsetImport = [
    ...model.opsetImport.filter(({ domain }) => domain !== MICROSOFT),
    { domain: MICROSOFT, version: 1 },
  ]
  return { ...model, graph, opsetImport }
}

class Quantizer {
  readonly #model: ModelProto
  readonly #ranges: Ranges
  readonly #view: GraphView
  readonly #body: ReadonlySet<NodeProto>
  readonly #constants: TensorProto[] = []
  readonly #nodes: NodeProto[] = []
  readonly #known = new Map<string, Bits>()
  found = false

  constructor(model: ModelProto, ranges: Ranges) {
    this.#model = model
    this.#ranges = ranges
    this.#view = new GraphView(model.graph)
    this.#body = bodyOf(model.graph)
  }

  convert() {
    const { graph } = this.#model
    for (const node of graph.node) {
      // A Relu whose layer has given its result already.
      if (this.#known.has(node.output?.[0] ?? '')) continue
      const linear = this.#body.has(node) ? linearOf(node, this.#view) : undefined
      const input = linear && this.#bitsOf(node.input![0])
      if (!linear || !input || !this.#layer(linear, input)) this.#nodes.push(node)
    }
    const initializer = [...(graph.initializer ?? []), ...this.#constants]
    return withoutUnused({ ...graph, node: this.#nodes, initializer, valueInfo: [] })
  }

  /** @returns false for a layer that is not computed in 8 bits */
  #layer(linear: Linear, input: Bits): boolean {
    switch (linear.node.opType) {
      case 'Gemm':
        this.#gemm(linear, input)
        break
      case 'MatMul':
        this.#matMul(linear, input)
        break
      case 'Conv':
        if (!this.#conv(linear, input)) return false
        break
      default:
        return false
    }
    this.found = true
    return true
  }

  /** Gives bits where the next layer takes them, else floats. */
  #gemm(linear: Linear, { bits, scale, zero, step }: Bits): void {
    const { node } = linear
    const weights = this.#weights(linear)
    const [output] = node.output!
    const bias = linear.bias ? this.#bias(linear, weights.scales, step) : ''
    const input = [bits, scale, zero, ...weights.names, bias]
    const attribute = node.attribute?.filter(({ name }) => name === 'transB')
    const layer = { opType: 'QGemm', domain: MICROSOFT, name: `${output}~gemm`, input, attribute }
    const result = this.#resultOf(output)
    const takers = this.#view.takersOf(result)
    const target = takers.some(taker => linearOf(taker, this.#view)) ? this.#place(result) : undefined
    if (!target) this.#nodes.push({ ...layer, output: [output] })
    else this.#give({ ...layer, input: [...input, target.scale, target.zero], output: [target.bits] }, result, target)
  }

  #matMul(linear: Linear, { bits, scale, zero }: Bits): void {
    const { output } = linear.node
    const [weights, scales, zeros] = this.#weights(linear).names
    const input = [bits, weights, scale, scales, zero, zeros]
    this.#nodes.push({ opType: 'MatMulIntegerToFloat', domain: MICROSOFT, name: `${output![0]}~matmul`, input, output })
  }

  #conv(linear: Linear, { bits, scale, zero, step }: Bits): boolean {
    const [output] = linear.node.output!
    const result = this.#resultOf(output)
    const target = this.#place(result)
    if (!target) return false
    const weights = this.#weights(linear)
    const bias = linear.bias ? [this.#bias(linear, weights.scales, step)] : []
    const input = [bits, scale, zero, ...weights.names, target.scale, target.zero, ...bias]
    const layer = { ...linear.node, opType: 'QLinearConv', name: `${output}~conv`, input, output: [target.bits] }
    this.#give(layer, result, target)
    return true
  }

  /** The value that a layer has to give: where only a Relu follows, what that gives. Bits have no place below its zero. */
  #resultOf(output: string): string {
    const next = this.#view.soleTaker(output)
    return next?.opType === 'Relu' ? next.output![0] : output
  }

  /** Appends a layer and floats of what it gives; these go again where nobody takes them. */
  #give(layer: NodeProto, result: string, target: Bits): void {
    const { bits, scale, zero } = target
    this.#known.set(result, target)
    this.#nodes.push(layer, named('DequantizeLinear', [bits, scale, zero], result))
  }

  /** A value in 8 bits; undefined where its range was not measured. */
  #bitsOf(value: string): Bits | undefined {
    const known = this.#known.get(value) ?? this.#moved(value)
    if (known) return known
    const place = this.#place(value)
    if (!place) return undefined
    this.#nodes.push(named('QuantizeLinear', [value, place.scale, place.zero], place.bits))
    this.#known.set(value, place)
    return place
  }

  /** The bits of a value in another shape or order. */
  #moved(value: string): Bits | undefined {
    const node = this.#view.producers.get(value)
    if (node?.opType !== 'Reshape' && node?.opType !== 'Transpose') return undefined
    const [from, ...rest] = node.input!
    const before = this.#known.get(from) ?? this.#moved(from)
    if (!before) return undefined
    const moved = { ...before, bits: `${value}~bits` }
    this.#nodes.push({ ...node, name: `${value}~move`, input: [before.bits, ...rest], output: [moved.bits] })
    this.#known.set(value, moved)
    return moved
  }

  #place(value: string): Bits | undefined {
    const range = this.#ranges[originOf(value)]
    if (!range) return undefined
    const { step, zero } = stepsOf(range)
    const place = { bits: `${value}~bits`, scale: `${value}~scale`, zero: `${value}~zero`, step }
    this.#constants.push(constant(place.scale, 'float32', [], Float32Array.of(step)))
    this.#constants.push(constant(place.zero, 'uint8', [], Uint8Array.of(zero)))
    return place
  }

  #weights(linear: Linear): { names: string[]; scales: Float32Array } {
    const { node, dims, channels } = linear
    const { bits, scales } = quantizeWeights(linear)
    const names = ['bytes', 'scales', 'zeros'].map(what => `${node.output![0]}~${what}`)
    this.#constants.push(constant(names[0], 'int8', dims, bits))
    this.#constants.push(constant(names[1], 'float32', [channels], scales))
    this.#constants.push(constant(names[2], 'int8', [channels], new Int8Array(channels)))
    return { names, scales }
  }

  #bias({ node, bias, channels }: Linear, scales: Float32Array, step: number): string {
    const name = `${node.output![0]}~sum`
    this.#constants.push(constant(name, 'int32', [channels], quantizeBias(bias!, scales, step)))
    return name
  }
}

const named = (opType: string, input: string[], output: string): NodeProto => ({
  opType,
  name: `${opType}_${output}`,
  input,
  output: [output],
})
