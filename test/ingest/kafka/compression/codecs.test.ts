import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../../src/errors.ts'
import { COMPRESSIONS, type Compression } from '../../../../src/ingest/kafka/compression/bounds.ts'
import { batchCodecs } from '../../../../src/ingest/kafka/compression/codecs.ts'
import { decompressLz4 } from '../../../../src/ingest/kafka/compression/lz4.ts'
import { isPoisoned, poisonOf } from '../../../../src/ingest/kafka/compression/poison.ts'
import { decompressSnappy } from '../../../../src/ingest/kafka/compression/snappy.ts'
import { xxh32 } from '../../../../src/ingest/kafka/compression/xxh32.ts'
import { decompressZstd, portableZstd } from '../../../../src/ingest/kafka/compression/zstd.ts'

const HEAD = 61

interface Stream {
  readonly codec: 'snappy' | 'lz4' | 'zstd'
  readonly name: string
  readonly length: number
  readonly sha256: string
  readonly base64: string
}

interface Batch {
  readonly codec: Compression
  readonly records: number
  readonly sha256OfValues: string
  readonly base64: string
}

const fixture = <T>(name: string): T[] =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/compression/${name}`, import.meta.url), 'utf8'))

const streams = fixture<Stream>('streams.json')
const batches = fixture<Batch>('batches.json')
const bytesOf = ({ base64 }: { base64: string }) => Buffer.from(base64, 'base64')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const DECOMPRESS = {
  snappy: [decompressSnappy],
  lz4: [decompressLz4],
  zstd: [decompressZstd, portableZstd],
}

const streamOf = (codec: string, name: string) => {
  const stream = streams.find(each => each.codec === codec && each.name === name)
  if (!stream) throw new Error(`no ${codec} ${name}`)
  return bytesOf(stream)
}

describe.each(streams)('$codec of another implementation: $name', stream => {
  const { codec, length } = stream

  it('becomes what it was', async () => {
    for (const decompress of DECOMPRESS[codec]) {
      const plain = await decompress(bytesOf(stream), Math.max(1, length))
      expect(plain.length).toBe(length)
      expect(sha256(plain)).toBe(stream.sha256)
    }
  })
})

describe.each(streams.filter(({ length }) => length > 0))(
  '$codec of another implementation, not empty: $name',
  stream => {
    const { codec, length } = stream

    it('is refused one byte beyond the limit', async () => {
      for (const decompress of DECOMPRESS[codec]) {
        await expect(async () => decompress(bytesOf(stream), length - 1)).rejects.toMatchObject({
          code: 'AUSCULT_INPUT_INVALID',
          message: expect.stringContaining('more than'),
        })
      }
    })

    it('is refused when it is cut short anywhere', async () => {
      const bytes = bytesOf(stream)
      const ends = Array.from({ length: 40 }, (_, i) => Math.floor((i / 40) * (bytes.length - 1)) + 1)
      for (const end of ends.filter(end => !stream.name.includes('two frames') && end < bytes.length)) {
        for (const decompress of DECOMPRESS[codec]) {
          await expect(async () => decompress(bytes.subarray(0, end), 2 ** 20), `${end}`).rejects.toThrow(AuscultError)
        }
      }
    })
  },
)

interface Record {
  readonly delta: number
  readonly value: Buffer | null
  readonly headers: { [name: string]: Buffer }
}

/** Reads records of message format 2, as a consumer does. */
function readRecords(bytes: Buffer, count: number): Record[] {
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      value |= (bytes[at] & 0x7f) << shift
      if (bytes[at++] < 0x80) return (value >>> 1) ^ -(value & 1)
    }
  }
  const take = () => {
    const length = varint()
    if (length < 0) return null
    at += length
    return bytes.subarray(at - length, at)
  }
  const records = Array.from({ length: count }, () => {
    const length = varint()
    const end = at + length
    at++
    varint()
    const delta = varint()
    take()
    const value = take()
    const headers: Record['headers'] = {}
    for (let n = varint(); n > 0; n--) headers[String(take())] = take() as Buffer
    expect(at).toBe(end)
    return { delta, value, headers }
  })
  expect(at).toBe(bytes.length)
  return records
}

/** A response of a broker with something before and behind the batch, and its compressed part as kafkajs hands it over. */
function compressedOf(batch: Batch, change: (bytes: Buffer) => void = () => {}): Buffer {
  const bytes = bytesOf(batch)
  const response = Buffer.concat([Buffer.alloc(100, 0xee), bytes, Buffer.alloc(100, 0xee)])
  change(response.subarray(100, 100 + bytes.length))
  return response.subarray(100 + HEAD, 100 + bytes.length)
}

describe.each(batches)("$codec batch of Kafka's Java client", batch => {
  const codec = batchCodecs()[batch.codec]()

  it('becomes its records', async () => {
    const records = readRecords(await codec.decompress(compressedOf(batch)), batch.records)
    expect(sha256(Buffer.concat(records.map(({ value }) => value as Buffer)))).toBe(batch.sha256OfValues)
    expect(records.some(({ headers }) => isPoisoned(headers))).toBe(false)
  })

  it('becomes messages that say why, when it is damaged', async () => {
    const damaged = compressedOf(batch, bytes => bytes.fill(0x55, HEAD + 40))
    const records = readRecords(await codec.decompress(damaged), batch.records)
    expect(records.map(({ delta }) => delta)).toEqual(Array.from({ length: 40 }, (_, i) => i))
    for (const { value, headers } of records) {
      expect(value).toBeNull()
      expect(isPoisoned(headers)).toBe(true)
      expect(poisonOf(headers, 'a/0/7')).toMatchObject({
        code: 'AUSCULT_INPUT_INVALID',
        at: 'a/0/7',
        message: expect.stringContaining(batch.codec),
      })
    }
  })

  it('becomes messages that say why, when it is larger than the limit', async () => {
    const small = batchCodecs(100_000)[batch.codec]()
    const records = readRecords(await small.decompress(compressedOf(batch)), batch.records)
    expect(poisonOf(records[0].headers, '').message).toContain('more than 100000 bytes')
  })

  it('lets the last stand-in take the last offset, where a topic was compacted', async () => {
    const compacted = compressedOf(batch, bytes => {
      bytes.fill(0x55, HEAD + 40)
      bytes.writeInt32BE(999, 23)
    })
    const records = readRecords(await codec.decompress(compacted), batch.records)
    expect(records.map(({ delta }) => delta).slice(-2)).toEqual([38, 999])
  })

  it('fails as a whole where nothing can stand in: outside a batch, too many messages, no room', async () => {
    const damaged = Buffer.from(compressedOf(batch).fill(0x55, 40))
    await expect(codec.decompress(damaged)).rejects.toThrow(AuscultError)
    const crowded = compressedOf(batch, bytes => bytes.writeInt32BE(1_000_001, 57))
    await expect(codec.decompress(crowded)).rejects.toThrow('1000001 messages')
    await expect(batchCodecs(1000)[batch.codec]().decompress(compressedOf(batch))).rejects.toThrow('more than 1000')
  })

  it('is refused when it holds more or fewer messages than it says', async () => {
    for (const count of [39, 41]) {
      const records = readRecords(
        await codec.decompress(compressedOf(batch, bytes => bytes.writeInt32BE(count, 57))),
        count,
      )
      expect(poisonOf(records[0].headers, '').message).toContain(`does not hold ${count} messages`)
    }
  })
})

describe('batchCodecs', () => {
  it('writes gzip only', async () => {
    const codecs = batchCodecs()
    const encoder = { buffer: Buffer.from('hello') }
    const compressed = await codecs.gzip().compress(encoder)
    expect(await codecs.gzip().decompress(compressed)).toEqual(encoder.buffer)
    for (const name of COMPRESSIONS.filter(each => each !== 'gzip')) {
      await expect(codecs[name]().compress(encoder)).rejects.toMatchObject({ code: 'AUSCULT_CONFIG' })
    }
  })

  it.each([
    ['gzip', 'of zeros', gzipSync(Buffer.alloc(64 * 2 ** 20)), 'more than 1048576 bytes'],
    [
      'snappy',
      'that claims 4 GiB',
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]),
      '4294967295 bytes in a block of 7',
    ],
    ['lz4', 'of zeros', lz4Bomb(300_000), 'where 4194304 are the most'],
    ['zstd', 'that says its size', zstdBomb(512, true), 'more than 1048576 bytes'],
    ['zstd', 'that does not say its size', zstdBomb(512, false), 'more than 1048576 bytes'],
    ['zstd', 'with a window of 128 MiB', streamOf('zstd', 'a large window'), undefined],
  ] as const)('holds %s %s to a bound of its memory', async (name, _what, bomb, message) => {
    const before = process.memoryUsage()
    let peak = 0
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before.arrayBuffers)
    }, 1)
    const work = batchCodecs(2 ** 20)
      [name]()
      .decompress(bomb)
    if (message) await expect(work).rejects.toThrow(message)
    else await work
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before.arrayBuffers)
    clearInterval(watch)
    expect(peak).toBeLessThan(8 * 2 ** 20)
  })
})

/** A frame of independent blocks of at most 4 MiB. */
function lz4Frame(...blocks: readonly Uint8Array[]): Buffer {
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0])
  head[6] = (xxh32(head.subarray(4, 6)) >> 8) & 0xff
  const parts = blocks.flatMap(block => {
    const size = Buffer.alloc(4)
    size.writeUInt32LE(block.length)
    return [size, block]
  })
  return Buffer.concat([head, ...parts, Buffer.alloc(4)])
}

/** One LZ4 block that repeats a byte 255 times for each of its own. */
function lz4Bomb(length: number): Buffer {
  return lz4Frame(Buffer.concat([Buffer.from([0x1f, 0x61, 1, 0]), Buffer.alloc(length, 255), Buffer.from([0, 0])]))
}

/** Blocks of 128 KiB that take four bytes each; with its size, or without one and with a window of 64 MiB. */
function zstdBomb(blocks: number, sized: boolean): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...(sized ? [0xa0, 0, 0, 0, 0] : [0, 0x80])])
  if (sized) head.writeUInt32LE(blocks * 131072, 5)
  const block = (last: boolean) => {
    const bytes = Buffer.alloc(4, 0x61)
    bytes.writeUIntLE((131072 << 3) | 2 | (last ? 1 : 0), 0, 3)
    return bytes
  }
  return Buffer.concat([head, ...Array.from({ length: blocks }, (_, i) => block(i === blocks - 1))])
}

describe('decompressors', () => {
  it.each([
    ['before its beginning', [0x10, 0x61, 2, 0, 0]],
    ['at no distance', [0x10, 0x61, 0, 0, 0]],
  ])('refuse an LZ4 copy from %s', (_where, block) => {
    expect(() => decompressLz4(lz4Frame(Uint8Array.from(block)), 1000)).toThrow('from before the beginning')
  })

  it('refuse an LZ4 copy from another block where blocks are independent', () => {
    const first = Uint8Array.of(0x40, 1, 2, 3, 4)
    const reaching = Uint8Array.of(0x10, 0x61, 2, 0, 0)
    expect(decompressLz4(lz4Frame(first), 1000)).toEqual(Buffer.from([1, 2, 3, 4]))
    expect(() => decompressLz4(lz4Frame(first, reaching), 1000)).toThrow('from before the beginning')
  })

  it.each([
    ['before its beginning', [5, 0x00, 0x61, 0x01, 2]],
    ['at no distance', [5, 0x00, 0x61, 0x01, 0]],
    ['beyond its end', [4, 0x00, 0x61, 0x01, 1]],
    ['at a distance that is cut off', [5, 0x00, 0x61, 0x02]],
  ])('refuse a snappy copy %s', (_where, block) => {
    expect(decompressSnappy(Uint8Array.of(5, 0x00, 0x61, 0x01, 1), 1000)).toEqual(Buffer.from('aaaaa'))
    expect(() => decompressSnappy(Uint8Array.from(block), 1000)).toThrow('a copy from outside the block')
  })

  const damaged = fc
    .tuple(
      fc.constantFrom(...streams),
      fc.array(fc.tuple(fc.nat(2 ** 20), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat(2 ** 20)),
    )
    .map(([stream, changes, cut]) => {
      const bytes = bytesOf(stream)
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return { codec: stream.codec, bytes: cut === null ? bytes : bytes.subarray(0, cut % bytes.length) }
    })

  const arbitrary = fc.record({
    codec: fc.constantFrom('snappy' as const, 'lz4' as const, 'zstd' as const),
    bytes: fc.uint8Array({ maxLength: 200 }).map(Buffer.from),
  })

  it('survive any input within the limit, with nothing but their own errors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, arbitrary), async ({ codec, bytes }) => {
        for (const decompress of DECOMPRESS[codec]) {
          try {
            expect((await decompress(bytes, 400_000)).length).toBeLessThanOrEqual(400_000)
          } catch (error) {
            expect(error).toBeInstanceOf(AuscultError)
          }
        }
      }),
      { numRuns: 1500 },
    )
  })
})

describe('xxh32', () => {
  it.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('of %j is the published value', (text, hash) => {
    expect(xxh32(Buffer.from(text))).toBe(hash)
  })
})
