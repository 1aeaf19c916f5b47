import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { AuscultError } from '../../../errors.ts'
import { COMPRESSIONS, type Compression, corrupt, type Decompress } from './bounds.ts'
import { decompressGzip } from './gzip.ts'
import { decompressLz4 } from './lz4.ts'
import { holdsRecords, recordCount, standIns } from './poison.ts'
import { decompressSnappy } from './snappy.ts'
import { decompressZstd } from './zstd.ts'

/** A codec as kafkajs wants it. */
export interface BatchCodec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(buffer: Buffer): Promise<Buffer>
}

/** The most bytes that the records of one batch may become: 64 MiB. */
export const BATCH_LIMIT = 64 * 2 ** 20
/** kafkajs makes an object of each record, some hundred bytes even of an empty one. */
const MOST_RECORDS = 1_000_000

const DECOMPRESS: Record<Compression, Decompress> = {
  gzip: decompressGzip,
  snappy: decompressSnappy,
  lz4: decompressLz4,
  zstd: decompressZstd,
}

/**
 * Codecs for the `CompressionCodecs` of kafkajs, by name: what it ships is gzip without a bound on its output.
 *
 * A batch that cannot be decompressed, or is larger than `limit`, must not stop a partition for ever: kafkajs would fetch it again and again.
 * In its place come as many messages without a value that say why (`isPoisoned`), so that each is counted at its own offset.
 */
export function batchCodecs(limit = BATCH_LIMIT): Record<Compression, () => BatchCodec> {
  const codecOf = (name: Compression): BatchCodec => ({
    compress: encoder => compress(name, encoder.buffer),
    decompress: buffer => decompressBatch(name, buffer, limit),
  })
  const entries = COMPRESSIONS.map(name => {
    const codec = codecOf(name)
    return [name, () => codec]
  })
  return Object.fromEntries(entries)
}

async function decompressBatch(name: Compression, buffer: Buffer, limit: number): Promise<Buffer> {
  const count = recordCount(buffer)
  if (count !== undefined && count > MOST_RECORDS) throw corrupt(name, `${count} messages in one batch`)
  try {
    const records = await DECOMPRESS[name](buffer, limit)
    if (count !== undefined && !holdsRecords(records, count)) throw corrupt(name, `it does not hold ${count} messages`)
    return records
  } catch (error) {
    const records = count === undefined ? undefined : standIns(buffer, count, error as Error, limit)
    if (records) return records
    throw error
  }
}

const gzip = promisify<Uint8Array, Buffer>(zlib.gzip)

async function compress(name: Compression, bytes: Buffer): Promise<Buffer> {
  if (name === 'gzip') return gzip(bytes)
  throw new AuscultError('AUSCULT_CONFIG', `${name} is read, not written`, { remedy: 'Choose gzip for what is sent.' })
}
