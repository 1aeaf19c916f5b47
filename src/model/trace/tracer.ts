import { AuscultError } from '../../errors.ts'
import type { OnnxType } from '../onnx/model.ts'
import type { Attribute } from './encode.ts'
import type { GraphBuilder } from './graph.ts'
import { between, identity, isIdentity, type Perm, permute, sameMemory } from './layout.ts'

/** TensorFlow.js's description of a tensor: a handle, a shape and a type. */
export interface TensorInfo {
  dataId: object
  shape: number[]
  dtype: string
}

/** What the tracing backend knows of a tensor's data: numbers, one number that fills it, or the graph value that will hold it. */
export interface Entry {
  shape: number[]
  dtype: string
  values?: ArrayLike<number>
  /** What the graph calls these values. */
  name?: string
  fill?: number
  /** Graph value and the physical order of its axes. */
  value?: string
  perm?: Perm
  /** The same value with a bias for each channel added by the node itself, in place of an addition of its own. */
  withBias?: (bias: string) => string
  /** Layer whose call produced it, for errors. */
  layer?: string
}

/** The batch dimension of a graph that takes any number of items: traced as a prime number that no other dimension is a multiple of. */
export interface DynamicBatch {
  size: number
  input: string
}

export const onnxType = (dtype: string): OnnxType =>
  dtype === 'bool' ? 'bool' : dtype === 'int32' ? 'int32' : 'float32'

/** Axis length at most for which a filled tensor is written out as a constant. */
const SMALL = 256

/** Gives kernels the graph values of their inputs, in the physical order they ask for, and takes their results. */
export class Tracer {
  readonly graph: GraphBuilder
  readonly batch: DynamicBatch | undefined
  /** Names of the layers being called, outermost first. */
  readonly layers: string[] = []
  /** Graph constants made of known values, by values and then by type and shape. */
  readonly #constants = new WeakMap<object, Map<string, string>>()
  readonly #entries: { get(id: object): Entry; set(id: object, entry: Entry): void }

  constructor(graph: GraphBuilder, entries: Tracer['entries'], batch?: DynamicBatch) {
    this.graph = graph
    this.#entries = entries
    this.batch = batch
  }

  get entries() {
    return this.#entries
  }

  entry(tensor: TensorInfo): Entry {
    return this.#entries.get(tensor.dataId)
  }

  /** The number that every element of the tensor has, if that is known; constants with a name are kept as they are. */
  constantOf(tensor: TensorInfo): number | undefined {
    const { fill, values, name } = this.entry(tensor)
    return fill ?? (values?.length === 1 && name === undefined ? Number(values[0]) : undefined)
  }

  /** Physical order in which the tensor lies at hand. */
  permOf(tensor: TensorInfo): Perm {
    const { value, perm } = this.entry(tensor)
    return value !== undefined && perm ? perm : identity(tensor.shape.length)
  }

  /** Graph value of the tensor in its logical order, or in the order `perm`. */
  value(tensor: TensorInfo, perm: Perm = identity(tensor.shape.length)): string {
    const from = this.permOf(tensor)
    const value = this.raw(tensor)
    if (sameMemory(tensor.shape, from, perm)) {
      return between(from, perm).every((axis, i) => axis === i)
        ? value
        : this.reshape(value, permute(tensor.shape, perm))
    }
    return this.graph.node('Transpose', [value], { perm: between(from, perm) })
  }

  /** Graph value in whatever order it lies: see permOf. */
  raw(tensor: TensorInfo): string {
    const entry = this.entry(tensor)
    return entry.value ?? this.#materialise(entry)
  }

  reshape(value: string, shape: readonly number[]): string {
    return this.graph.node('Reshape', [value, this.shapeConstant(shape)])
  }

  /** A shape for Reshape: the batch dimension, where there is one, is left to be inferred. */
  shapeConstant(shape: readonly number[]): string {
    const { batch } = this
    return this.graph.ints64(shape.map(n => (batch && n > 0 && n % batch.size === 0 ? -1 : n)))
  }

  /** A shape for Expand, with the batch dimension read from the input while running. */
  shapeValue(shape: readonly number[]): string {
    const { batch, graph } = this
    if (!batch || !shape.some(n => n > 0 && n % batch.size === 0)) return graph.ints64(shape)
    const n = graph.node('Shape', [batch.input], { start: 0, end: 1 })
    const dims = shape.map(d =>
      d > 0 && d % batch.size === 0 ? graph.node('Mul', [n, graph.ints64([d / batch.size])]) : graph.ints64([d]),
    )
    return graph.node('Concat', dims, { axis: 0 })
  }

  /** A new tensor that holds graph value `value`, whose axes lie in the order `perm`. */
  tensor(value: string, shape: readonly number[], dtype = 'float32', perm?: Perm): TensorInfo {
    return this.#create({ value, perm: perm && !isIdentity(perm) ? perm : undefined, shape: [...shape], dtype })
  }

  /** A new tensor whose elements all are `fill`. */
  filled(fill: number, shape: readonly number[], dtype = 'float32'): TensorInfo {
    return this.#create({ fill, shape: [...shape], dtype })
  }

  /** A second handle on the same data under another shape or type. */
  alias(tensor: TensorInfo, changes: Partial<Pick<Entry, 'shape' | 'dtype' | 'perm'>> = {}): TensorInfo {
    return this.#create({ ...this.entry(tensor), withBias: undefined, ...changes, layer: undefined })
  }

  node(op: string, inputs: readonly string[], attributes?: Record<string, Attribute>): string {
    return this.graph.node(op, inputs, attributes)
  }

  /** @throws AUSCULT_UNSUPPORTED_OP always */
  unsupported(op: string, inputs: readonly TensorInfo[], why = 'has no ONNX kernel'): never {
    const layer = this.layers.at(-1) ?? inputs.map(input => this.entry(input)?.layer).find(name => name !== undefined)
    throw new AuscultError('AUSCULT_UNSUPPORTED_OP', `the operation ${op} ${why}`, {
      at: layer ? `layer ${layer}` : 'the traced function',
      remedy: 'Express the layer with operations that src/model/trace/kernels has, or add a kernel there.',
    })
  }

  #create(entry: Entry): TensorInfo {
    const dataId = {}
    this.#entries.set(dataId, { ...entry, layer: entry.layer ?? this.layers.at(-1) })
    return { dataId, shape: entry.shape, dtype: entry.dtype }
  }

  #materialise({ shape, dtype, fill, values, name: given }: Entry): string {
    const { graph } = this
    const constant = (data: ArrayLike<number>, dims: readonly number[]) => {
      if (dtype === 'bool') return graph.bools(data, dims)
      return dtype === 'int32' ? graph.ints32(data, dims) : graph.floats(data, dims, given)
    }
    if (values) {
      const known = this.#constants.get(values) ?? new Map<string, string>()
      const key = `${dtype}[${shape}]`
      const name = known.get(key) ?? constant(values, shape)
      this.#constants.set(values, known.set(key, name))
      return name
    }
    const size = shape.reduce((a, b) => a * b, 1)
    if (!this.batch && size <= SMALL) return constant(new Float64Array(size).fill(fill!), shape)
    return graph.node('Expand', [constant([fill!], []), this.shapeValue(shape)])
  }
}
