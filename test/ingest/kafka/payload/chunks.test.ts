import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../../src/errors.ts'
import { memoryBytes } from '../../../../src/ingest/bytes.ts'
import { failureOf } from '../../../../src/ingest/failure.ts'
import { createChunkDecoder } from '../../../../src/ingest/kafka/payload/chunks.ts'
import { CHUNK_FORMATS, payloadSchema } from '../../../../src/ingest/kafka/payload/config.ts'
import { openWav } from '../../../../src/ingest/wav.ts'
import { encodeWav } from '../../../../src/ingest/wav-encode.ts'

const AT = 'sound/0/99'
const RATE = 8000

const decoderOf = (options: object) =>
  createChunkDecoder(payloadSchema.parse(options), { shape: [100], sampleRate: RATE, hop: 100 })

function messageOf(bytes: Uint8Array, headers = {}) {
  const batch = Buffer.alloc(bytes.length + 13, 0xaa)
  batch.set(bytes, 3)
  return { value: batch.subarray(3, 3 + bytes.length), at: AT, headers, timestamp: 10_000 }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)

const reasonOf = (decode: () => unknown): string => {
  try {
    decode()
  } catch (error) {
    expect(error).toBeInstanceOf(AuscultError)
    expect((error as AuscultError).at).toContain(AT)
    return failureOf('press', '', error).reason
  }
  return 'none'
}

describe('raw sound', () => {
  const pairs = Int16Array.of(-32768, 16384, 100, 300, 32767, 32767)

  it('is scaled to [-1, 1)', () => {
    const { samples } = decoderOf({ format: 's16le' })(messageOf(bytesOf(pairs)))
    expect(samples).toEqual(Float32Array.from(pairs, value => value / 32768))
    const floats = Float32Array.of(0.25, -0.5, 1.5)
    expect(decoderOf({})(messageOf(bytesOf(floats))).samples).toEqual(floats)
  })

  it('is mixed by the mean, or one channel of it is taken', () => {
    const of = (channel: number | null) =>
      decoderOf({ format: 's16le', channels: 2, channel })(messageOf(bytesOf(pairs))).samples
    expect(of(null)).toEqual(Float32Array.of(-8192 / 32768, 200 / 32768, 32767 / 32768))
    expect(of(0)).toEqual(Float32Array.of(-1, 100 / 32768, 32767 / 32768))
    expect(of(1)).toEqual(Float32Array.of(0.5, 300 / 32768, 32767 / 32768))
  })

  it('shares no memory with the message', () => {
    for (const options of [{}, { format: 's16le' }, { channels: 2 }]) {
      const batch = Buffer.from(new ArrayBuffer(1000)).fill(0)
      const { samples } = decoderOf(options)({ value: batch.subarray(8, 56), at: AT })
      batch.fill(0x40)
      expect(samples.every(sample => sample === 0)).toBe(true)
      expect(samples.buffer.byteLength).toBe(samples.byteLength)
    }
  })

  it('is refused where it is cut within a sample, not finite, or not there', () => {
    expect(reasonOf(() => decoderOf({ format: 's16le', channels: 2 })(messageOf(Buffer.alloc(6))))).toBe('shape')
    expect(reasonOf(() => decoderOf({})(messageOf(Buffer.alloc(7))))).toBe('shape')
    expect(reasonOf(() => decoderOf({})(messageOf(bytesOf(Float32Array.of(0, Number.NaN)))))).toBe('non_finite')
    expect(reasonOf(() => decoderOf({})(messageOf(Buffer.alloc(0))))).toBe('decode')
  })
})

describe('wav sound', () => {
  const left = Float32Array.of(0.5, -0.25, 0.125)
  const right = Float32Array.of(-0.5, 0.75, 0.625)
  const wav = encodeWav([left, right], RATE, 'int16') as Uint8Array<ArrayBuffer>

  it('is what the reader of files makes of it', () => {
    const decode = decoderOf({ format: 'wav' })
    const eightBitStereo = Buffer.from(encodeWav(left, RATE))
    eightBitStereo.set([2, 0], 22)
    eightBitStereo.set([2, 0, 8, 0], 32)
    for (const bytes of [wav, encodeWav(left, RATE, 'float32'), encodeWav(left, RATE), eightBitStereo]) {
      const expected = openWav(memoryBytes('', bytes as Uint8Array<ArrayBuffer>))
      expect(decode(messageOf(bytes)).samples).toEqual(expected.read(0, expected.length))
    }
  })

  it('gives one channel where one is wanted', () => {
    expect(decoderOf({ format: 'wav', channel: 0 })(messageOf(wav)).samples).toEqual(left)
    expect(decoderOf({ format: 'wav', channel: 1 })(messageOf(wav)).samples).toEqual(right)
    expect(reasonOf(() => decoderOf({ format: 'wav', channel: 2 })(messageOf(wav)))).toBe('decode')
  })

  it('of another rate than the messages should have is refused as wrong_rate', () => {
    const other = encodeWav(left, 44100)
    expect(decoderOf({ format: 'wav', sample_rate: 44100 })(messageOf(other)).samples).toEqual(left)
    expect(reasonOf(() => decoderOf({ format: 'wav', sample_rate: 44100 })(messageOf(wav)))).toBe('wrong_rate')
    expect(reasonOf(() => decoderOf({ format: 'wav' })(messageOf(other)))).toBe('wrong_rate')
    expect(() => decoderOf({ format: 'wav' })(messageOf(other))).toThrow('44100 Hz instead of 8000 Hz')
  })
})

describe('time and number of a message', () => {
  const second = Buffer.alloc(RATE * 2)

  it("is the end of the sound by Kafka's timestamp, or its start if the options say so", () => {
    expect(decoderOf({ format: 's16le' })(messageOf(second)).time).toBe(9000)
    expect(decoderOf({ format: 's16le', timestamp_of: 'start' })(messageOf(second)).time).toBe(10_000)
    expect(decoderOf({ format: 's16le' })({ value: second, at: AT }).time).toBeUndefined()
    expect(decoderOf({ format: 's16le', sample_rate: 2 * RATE })(messageOf(second)).time).toBe(9500)
  })

  it('come from headers', () => {
    const decode = decoderOf({ format: 's16le', time_header: 't', sequence_header: 'n' })
    expect(decode(messageOf(second, { t: '5000', n: Buffer.from(' 17 ') }))).toMatchObject({ time: 5000, sequence: 17 })
    for (const n of ['', '-1', '1.5', '1e3', '99999999999999999']) {
      expect(reasonOf(() => decode(messageOf(second, { t: '5000', n })))).toBe('decode')
    }
    expect(reasonOf(() => decode(messageOf(second, { t: '5000' })))).toBe('decode')
    expect(reasonOf(() => decode(messageOf(second, { t: 'noon', n: '1' })))).toBe('decode')
  })
})

describe('chunk decoders', () => {
  const decoders = Object.fromEntries(CHUNK_FORMATS.map(format => [format, decoderOf({ format })]))
  const wav = Buffer.from(encodeWav(new Float32Array(40), RATE))
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(Buffer.from),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }).map(changes => {
      const copy = Buffer.from(wav)
      for (const [at, byte] of changes) copy[at % 60] = byte
      return copy
    }),
  )

  it('survive any bytes with finite samples or an error with a place; they allocate no more than four times the message', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CHUNK_FORMATS), bytes, (format, value) => {
        const reason = reasonOf(() => {
          const { samples } = decoders[format](messageOf(value))
          expect(samples.length).toBeGreaterThan(0)
          expect(samples.every(Number.isFinite)).toBe(true)
          expect(samples.buffer.byteLength).toBeLessThanOrEqual(4 * value.length)
        })
        expect(['none', 'shape', 'decode', 'non_finite', 'wrong_rate']).toContain(reason)
      }),
      { numRuns: 2000 },
    )
  })
})
