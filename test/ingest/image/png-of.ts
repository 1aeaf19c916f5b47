import { crc32 } from 'node:zlib'

interface PngOptions {
  /** Compressed rows. */
  data: Uint8Array
  depth?: number
  color?: number
  interlace?: number
}

/** A PNG file with this header and these rows. */
export function pngOf(width: number, height: number, options: PngOptions): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([options.depth ?? 8, options.color ?? 0, 0, 0, options.interlace ?? 0], 8)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', options.data), chunk('IEND', new Uint8Array())]),
  )
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return bytes
}
