import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { corrupt, type Decompress, tooLarge } from './bounds.ts'

const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip)

/** GZIP (RFC 1952), on zlib's threads. kafkajs's own has no bound. */
export const decompressGzip: Decompress = async (bytes, limit) => {
  try {
    return await gunzip(bytes, { maxOutputLength: limit })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge('gzip', limit)
    throw corrupt('gzip', (cause as Error).message, cause)
  }
}
