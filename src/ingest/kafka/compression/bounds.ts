import { AuscultError } from '../../../errors.ts'

/** Names of Kafka's compressions, as its clients spell them. */
export const COMPRESSIONS = ['gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

/** Turns the records of a batch back into bytes, of which there are at most `limit`. @throws AUSCULT_INPUT_INVALID */
export type Decompress = (bytes: Uint8Array, limit: number) => Promise<Buffer> | Buffer

export const corrupt = (name: Compression, what: string, cause?: unknown) =>
  new AuscultError('AUSCULT_INPUT_INVALID', `a ${name} batch that cannot be decompressed: ${what}`, {
    cause,
    remedy: 'Look at the producer; the batch is damaged or not what it says.',
  })

export const tooLarge = (name: Compression, limit: number) =>
  new AuscultError('AUSCULT_INPUT_INVALID', `a ${name} batch of more than ${limit} bytes once decompressed`, {
    remedy: 'Let the producer send smaller batches, or raise the limit.',
  })
