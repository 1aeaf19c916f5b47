/** Where a graph runs. `auto` takes CUDA, then WebGPU, then the CPU, by what works on this machine. */
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda'] as const
export type Device = (typeof DEVICES)[number]

/** What `auto` tries before the CPU, best first; and what can be lost. */
export const ACCELERATORS = ['cuda', 'webgpu'] as const satisfies readonly Device[]

/** What computes: ONNX Runtime, or TensorFlow.js eagerly on the best of its backends that is installed. */
export const ENGINES = ['onnx', 'tfjs'] as const
export type EngineName = (typeof ENGINES)[number]

/** How exactly a model is computed while scoring; training always takes fp32. */
export const PRECISIONS = ['fp32', 'fp16', 'int8'] as const
export type Precision = (typeof PRECISIONS)[number]

export interface EngineOptions {
  /** Default onnx. */
  engine?: EngineName
  device: Device
  /** Default fp32. */
  precision?: Precision
  /** Devices that `auto` is not to try, and why. */
  passOver?: readonly PassedOver[]
  /** Threads of one session; 0 leaves the choice to the engine (all cores). */
  threads: number
}

/** A dense float32 tensor in row-major order. */
export interface Tensor {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

export type Tensors = Record<string, Tensor>

/** A tensor in the memory of the device that computed it; sessions on the same device take it as a feed. */
export interface DeviceTensor {
  readonly shape: readonly number[]
  /** What the engine knows it by. */
  readonly handle: object
  release(): void
}

export type Feeds = Record<string, Tensor | DeviceTensor>

/** A device that `auto` did not take. */
export interface PassedOver {
  readonly device: Exclude<Device, 'auto'>
  /** Why, as part of a sentence: "its library is not installed". */
  readonly reason: string
  /** What would mend it, where something would. */
  readonly remedy?: string
}

/** A compiled graph. `run` computes on the calling thread: keep it off the event loop that serves people. */
export interface Session {
  readonly device: Exclude<Device, 'auto'>
  /** What `auto` would have liked better, best first. */
  readonly passedOver: readonly PassedOver[]
  /**
   * Feeds are read and not kept. Each call returns fresh arrays, unless `into` gives the arrays to write to; a list of names
   * computes those outputs only.
   * @throws AUSCULT_ENGINE
   */
  run(feeds: Feeds, into?: Tensors | readonly string[]): Promise<Tensors>
  /** As `run`, but the outputs that the session was made to keep stay on the device. Absent where the device cannot do that. */
  runKeeping?(feeds: Feeds): Promise<Feeds>
  release(): Promise<void>
}

/**
 * @param keep outputs that `runKeeping` leaves on the device
 * @throws AUSCULT_DEVICE when a device was asked for by name and cannot be used
 */
export type CreateSession = (model: Uint8Array, options: EngineOptions, keep?: readonly string[]) => Promise<Session>
