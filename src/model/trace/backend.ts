import { AuscultError } from '../../errors.ts'
import '../gradients.ts'
import { knownOps, tf } from '../tf.ts'
import { KERNELS } from './kernels/index.ts'
import type { Entry, TensorInfo, Tracer } from './tracer.ts'

/**
 * A TensorFlow.js backend that computes nothing: each kernel appends ONNX nodes to the graph of the current trace. Constants that a
 * program makes while it is traced (fills, slices of known values) stay numbers until a node needs them.
 */
class TraceBackend extends tf.KernelBackend {
  readonly data = new tf.DataStorage<Entry>(this, tf.engine())
  tracer: Tracer | undefined

  /** The trace that kernels append to. @throws Error outside of a trace */
  get current(): Tracer {
    if (!this.tracer) throw new Error('the trace backend was used outside of a trace')
    return this.tracer
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const dataId = {}
    this.data.set(dataId, { values: values as Float32Array, shape, dtype })
    return dataId
  }

  override move(dataId: object, values: tf.BackendValues, shape: number[], dtype: tf.DataType): void {
    this.data.set(dataId, { values: values as Float32Array, shape, dtype })
  }

  override readSync(dataId: object): tf.BackendValues {
    const { values, fill, shape } = this.data.get(dataId)
    if (values) return values as Float32Array
    if (fill !== undefined) return new Float32Array(tf.util.sizeFromShape(shape)).fill(fill)
    throw new AuscultError('AUSCULT_UNSUPPORTED_OP', 'a value was read that is only known when the graph runs', {
      at: 'the traced function',
      remedy: 'Express the decision with tensor operations (where, maximum) instead of reading the tensor.',
    })
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId)
  }

  override numDataIds(): number {
    return this.data.numDataIds()
  }

  // Entries are small and end with their trace; programs dispose of tensors whose values later nodes still name.
  override refCount(): number {
    return 1
  }
  override incRef(): void {}
  override disposeData(): boolean {
    return true
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true }
  }
  override floatPrecision(): 32 {
    return 32
  }
  override epsilon(): number {
    return 1e-7
  }
}

export const NAME = 'auscult-trace'
export const backend = new TraceBackend()
tf.registerBackend(NAME, () => backend)

for (const [kernelName, kernel] of Object.entries(KERNELS)) {
  tf.registerKernel({
    kernelName,
    backendName: NAME,
    kernelFunc: ({ inputs, attrs }) =>
      kernel(backend.current, inputs as never, (attrs ?? {}) as never) as tf.TensorInfo,
  })
}

for (const kernelName of knownOps().filter(name => !(name in KERNELS))) {
  tf.registerKernel({
    kernelName,
    backendName: NAME,
    kernelFunc: ({ inputs }) => backend.current.unsupported(kernelName, Object.values(inputs).flat() as TensorInfo[]),
  })
}
