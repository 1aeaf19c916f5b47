import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A decoder of the packets of one stream. It may be used for one stream only. */
export interface PacketDecoder {
  /** Takes a header packet. @throws when it is none */
  header(packet: Uint8Array): void
  /** The samples that a packet completes, one array per channel; none at first. @throws when it is damaged */
  packet(packet: Uint8Array): readonly Float32Array[] | undefined
}

/** What Emscripten makes of libvorbis and libopus in the package `ogv`. */
interface Codec {
  audioBuffer: Float32Array[] | null
  init(done: () => void): void
  processHeader(packet: Uint8Array, done: (ok: number) => void): void
  processAudio(packet: Uint8Array, done: (ok: number) => void): void
}

interface CodecOptions {
  instantiateWasm(imports: object, done: (instance: WasmInstance) => void): object
}

type Factory = (options: CodecOptions) => Promise<Codec>

interface WasmInstance {
  readonly exports: object
}

/** The part of the WebAssembly API that is used; Node's type declarations leave it out. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => WasmInstance
}

const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly

const require = createRequire(import.meta.url)

const SCRIPTS = {
  vorbis: () => require.resolve('ogv/dist/ogv-decoder-audio-vorbis-wasm.js'),
  opus: () => require.resolve('ogv/dist/ogv-decoder-audio-opus-wasm.js'),
}

const modules = new Map<string, object>()

/** Each decoder has a memory of its own, which goes with it. The first of a kind takes some 10 ms to make, others one. */
export async function createOggCodec(name: keyof typeof SCRIPTS): Promise<PacketDecoder> {
  const script = SCRIPTS[name]()
  const module = modules.get(name) ?? new Module(readFileSync(script.replace(/\.js$/, '.wasm')))
  modules.set(name, module)
  const codec = await (require(script) as Factory)({
    instantiateWasm: (imports, done) => {
      const instance = new Instance(module, imports)
      done(instance)
      return instance.exports
    },
  })
  codec.init(() => {})
  return new OggCodec(codec)
}

class OggCodec implements PacketDecoder {
  readonly #codec: Codec

  constructor(codec: Codec) {
    this.#codec = codec
  }

  header(packet: Uint8Array): void {
    this.#codec.processHeader(packet, ok => {
      if (!ok) throw new Error('the decoder refuses a header')
    })
  }

  packet(packet: Uint8Array): readonly Float32Array[] | undefined {
    this.#codec.audioBuffer = null
    this.#codec.processAudio(packet, ok => {
      if (!ok) throw new Error('the decoder refuses a packet')
    })
    return this.#codec.audioBuffer ?? undefined
  }
}
