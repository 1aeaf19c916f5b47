/** Where a graph runs. `auto` takes CUDA, then WebGPU, then the CPU, by what works on this machine. */
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda'] as const
export type Device = (typeof DEVICES)[number]

export interface EngineOptions {
  device: Device
  /** Threads of one session; 0 leaves the choice to the engine (all cores). */
  threads: number
}

/** A dense float32 tensor in row-major order. */
export interface Tensor {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

export type Tensors = Record<string, Tensor>

/** A compiled graph. `run` computes on the calling thread: keep it off the event loop that serves people. */
export interface Session {
  readonly device: Exclude<Device, 'auto'>
  /**
   * Feeds are read and not kept. Each call returns fresh arrays, unless `into` gives the arrays to write to; a list of names
   * computes those outputs only.
   * @throws AUSCULT_ENGINE
   */
  run(feeds: Tensors, into?: Tensors | readonly string[]): Promise<Tensors>
  release(): Promise<void>
}

/** @throws AUSCULT_DEVICE when a device was asked for by name and cannot be used */
export type CreateSession = (model: Uint8Array, options: EngineOptions) => Promise<Session>
