import { createRequire } from 'node:module'

/** Decodes pictures one at a time. Larger pictures make its memory grow, which is used again. */
export interface JpegCodec {
  /** `width × height × channels` values, in memory of their own. @throws anything for what is no JPEG picture of 8 bits */
  decode(bytes: Uint8Array): { data: Uint8Array; channels: number }
}

/** What Emscripten makes of libjpeg-turbo in the package. */
interface Turbo {
  JPEGDecoder: new () => {
    getEncodedBuffer(size: number): Uint8Array
    decode(): void
    getFrameInfo(): { componentCount: number }
    getDecodedBuffer(): Uint8Array
    delete(): void
  }
}

const require = createRequire(import.meta.url)

let shared: Promise<JpegCodec> | undefined

/** The decoder of this process (libjpeg-turbo). */
export function jpegCodec(): Promise<JpegCodec> {
  shared ??= create()
  return shared
}

async function create(): Promise<JpegCodec> {
  const path = require.resolve('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')
  const turbo = await (require(path) as () => Promise<Turbo>)()
  const decode = (bytes: Uint8Array) => {
    const decoder = new turbo.JPEGDecoder()
    try {
      decoder.getEncodedBuffer(bytes.length).set(bytes)
      decoder.decode()
      return { data: decoder.getDecodedBuffer().slice(), channels: decoder.getFrameInfo().componentCount }
    } finally {
      decoder.delete()
    }
  }
  return { decode }
}
