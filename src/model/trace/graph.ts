import type { OnnxType } from '../onnx/model.ts'
import type { Attribute, Initializer, Node, OnnxGraph, ValueInfo } from './encode.ts'

/**
 * Collects nodes and constants. The same operation on the same inputs is emitted once (common subexpression elimination), so that
 * gradient code may recompute what the forward pass has computed already at no cost.
 */
export class GraphBuilder {
  readonly inputs: ValueInfo[] = []
  readonly outputs: ValueInfo[] = []
  readonly #nodes: Node[] = []
  readonly #initializers: Initializer[] = []
  readonly #known = new Map<string, readonly string[]>()
  /** Value of each output. */
  readonly #results = new Map<string, string>()
  #count = 0

  input(name: string, type: OnnxType, shape: ValueInfo['shape']): string {
    this.inputs.push({ name, type, shape })
    return name
  }

  /** Names `value` as a graph output. A value may be given out under several names. */
  output(name: string, value: string, type: OnnxType, shape: ValueInfo['shape']): void {
    this.outputs.push({ name, type, shape })
    this.#results.set(name, value)
  }

  /** Appends a node and returns the name of its first output. */
  node(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    return this.nodes(op, inputs, attributes, 1)[0]
  }

  /** Appends a node with several outputs. */
  nodes(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute>,
    outputs: number,
  ): readonly string[] {
    const key = `${op}(${inputs.join()})${JSON.stringify(attributes)}${outputs}`
    const known = this.#known.get(key)
    if (known) return known
    const names = Array.from({ length: outputs }, () => `t${this.#count++}`)
    this.#nodes.push({ op, inputs, outputs: names, attributes })
    this.#known.set(key, names)
    return names
  }

  /** A name that is not taken yet is given to the constant, which then is shared with no other. */
  floats(values: ArrayLike<number>, shape: readonly number[], name?: string): string {
    return this.#constant('float32', Float32Array.from(values), shape, name)
  }

  ints32(values: ArrayLike<number>, shape: readonly number[]): string {
    return this.#constant('int32', Int32Array.from(values), shape)
  }

  bools(values: ArrayLike<number>, shape: readonly number[]): string {
    return this.#constant('bool', Uint8Array.from(values), shape)
  }

  /** A one-dimensional int64 constant: axes, shapes, starts and ends. */
  ints64(values: readonly number[]): string {
    return this.#constant('int64', BigInt64Array.from(values, BigInt), [values.length])
  }

  scalar(value: number): string {
    return this.floats([value], [])
  }

  #constant(type: OnnxType, data: ArrayBufferView, shape: readonly number[], wanted?: string): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    if (wanted && !this.#initializers.some(({ name }) => name === wanted)) {
      this.#initializers.push({ name: wanted, type, shape, bytes })
      return wanted
    }
    const key = bytes.length <= 4096 ? `${type}[${shape}]${bytes}` : undefined
    const known = key && this.#known.get(key)
    if (known) return known[0]
    const name = `c${this.#count++}`
    this.#initializers.push({ name, type, shape, bytes })
    if (key) this.#known.set(key, [name])
    return name
  }

  /** The graph without the nodes and constants that no output needs. */
  finish(name: string): OnnxGraph {
    const { rename, copies } = this.#nameOutputs()
    const needed = new Set(this.outputs.map(output => output.name))
    const nodes: Node[] = []
    for (const node of [...this.#nodes, ...copies].reverse()) {
      const renamed = { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }
      if (!renamed.outputs.some(output => needed.has(output))) continue
      nodes.push(renamed)
      for (const input of renamed.inputs) needed.add(input)
    }
    return {
      name,
      nodes: nodes.reverse(),
      initializers: this.#initializers.filter(initializer => needed.has(initializer.name)),
      inputs: this.inputs,
      outputs: this.outputs,
    }
  }

  /** Gives values the names of the outputs they are; a copy is made only of inputs, constants, and values that are given out twice. */
  #nameOutputs(): { rename: (value: string) => string; copies: Node[] } {
    const made = new Set(this.#nodes.flatMap(node => node.outputs))
    const names = new Map<string, string>()
    const copies: Node[] = []
    for (const [name, value] of this.#results) {
      if (made.has(value) && !names.has(value)) names.set(value, name)
      else copies.push({ op: 'Identity', inputs: [value], outputs: [name], attributes: {} })
    }
    return { rename: value => names.get(value) ?? value, copies }
  }
}
