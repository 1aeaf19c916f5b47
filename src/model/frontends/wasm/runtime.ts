/** The part of the WebAssembly API that is used; Node's type declarations leave it out. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: Record<string, unknown> & { memory: { buffer: ArrayBuffer } } }
}

const api = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly

/** Whether this machine can run the module. */
export const validates = (bytes: Uint8Array): boolean => api.validate(bytes)

/** Compiles and instantiates a module of `assemble`. */
export function instantiate(bytes: Uint8Array): {
  memory: ArrayBuffer
  call: Record<string, (...parameters: number[]) => void>
} {
  const { memory, ...functions } = new api.Instance(new api.Module(bytes)).exports
  return { memory: memory.buffer, call: functions as Record<string, (...parameters: number[]) => void> }
}
