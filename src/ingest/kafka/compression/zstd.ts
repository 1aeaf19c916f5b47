import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { Decompress as Stream } from 'fzstd'
import { messageOf } from '../../../errors.ts'
import { corrupt, type Decompress, tooLarge } from './bounds.ts'
import { boundedFrames } from './zstd-frames.ts'

type Zstd = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>

/** Node's own, from 22.15 on. */
const native = (zlib as { zstdDecompress?: (...args: never[]) => void }).zstdDecompress

/** Zstandard (RFC 8878): by Node on zlib's threads where it can, else in JavaScript, which does not verify checksums. */
export const decompressZstd: Decompress = native
  ? nativeZstd(promisify(native) as unknown as Zstd)
  : (bytes, limit) => portableZstd(bytes, limit)

/** Frame by frame, since Node stops behind the first one. */
function nativeZstd(zstd: Zstd): Decompress {
  return async (bytes, limit) => {
    const parts: Buffer[] = []
    let left = limit
    for (const frame of boundedFrames(bytes, limit)) {
      try {
        // One byte more, since Node refuses a bound of none.
        const part = await zstd(frame.bytes, { maxOutputLength: left + 1 })
        left -= part.length
        parts.push(part)
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') left = -1
        else throw corrupt('zstd', messageOf(cause), cause)
      }
      if (left < 0) throw tooLarge('zstd', limit)
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts)
  }
}

/** In JavaScript, some 60 to 80 MB/s. */
export function portableZstd(bytes: Uint8Array, limit: number): Buffer {
  const parts: Uint8Array[] = []
  let total = 0
  for (const { bytes: frame, size } of boundedFrames(bytes, limit)) {
    const before = total
    const stream = new Stream(part => {
      total += part.length
      if (total > limit) throw tooLarge('zstd', limit)
      parts.push(part)
    })
    try {
      stream.push(frame, true)
    } catch (cause) {
      if (total > limit) throw cause
      throw corrupt('zstd', messageOf(cause), cause)
    }
    if (size !== undefined && total - before !== size) throw corrupt('zstd', 'not as long as it says')
  }
  return Buffer.concat(parts, total)
}
