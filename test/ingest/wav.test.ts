import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { memoryBytes } from '../../src/ingest/bytes.ts'
import { openWav } from '../../src/ingest/wav.ts'
import { encodeWav } from '../../src/ingest/wav-encode.ts'

interface Parts {
  codec?: number
  channels?: number
  rate?: number
  bits?: number
  data?: Uint8Array
  declared?: number
  /** Sub-format of WAVE_FORMAT_EXTENSIBLE. */
  extensible?: number
  before?: Uint8Array
  magic?: string
}

const ascii = (text: string) => new TextEncoder().encode(text)

const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

function chunk(tag: string, body: Uint8Array, declared = body.length): Uint8Array {
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, declared, true)
  return concat(ascii(tag), size, body, new Uint8Array(body.length % 2))
}

function format({ codec = 1, channels = 1, rate = 8000, bits = 16, extensible }: Parts): Uint8Array {
  const body = new Uint8Array(extensible === undefined ? 16 : 40)
  const view = new DataView(body.buffer)
  view.setUint16(0, extensible === undefined ? codec : 0xfffe, true)
  view.setUint16(2, channels, true)
  view.setUint32(4, rate, true)
  view.setUint32(8, rate * channels * Math.ceil(bits / 8), true)
  view.setUint16(12, channels * Math.ceil(bits / 8), true)
  view.setUint16(14, bits, true)
  if (extensible !== undefined) {
    view.setUint16(16, 22, true)
    view.setUint16(18, bits, true)
    view.setUint16(24, extensible, true)
  }
  return chunk('fmt ', body)
}

function wav(parts: Parts): Uint8Array<ArrayBuffer> {
  const { data = new Uint8Array(8), declared = data.length, before = new Uint8Array(0), magic = 'RIFF' } = parts
  const body = concat(ascii('WAVE'), before, format(parts), chunk('data', data, declared))
  return concat(chunk(magic, body)) as Uint8Array<ArrayBuffer>
}

const open = (bytes: Uint8Array) => openWav(memoryBytes('a.wav', bytes as Uint8Array<ArrayBuffer>))

const readAll = (bytes: Uint8Array) => {
  const sound = open(bytes)
  return [...sound.read(0, sound.length)]
}

function refusal(bytes: Uint8Array): AuscultError {
  try {
    open(bytes)
  } catch (error) {
    if (error instanceof AuscultError) return error
    throw error
  }
  throw new Error('the file was accepted')
}

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

describe('openWav', () => {
  it('scales every integer width to [-1, 1) as libsndfile does', () => {
    expect(readAll(wav({ bits: 8, data: Uint8Array.of(0, 64, 128, 255) }))).toEqual([-1, -0.5, 0, 127 / 128])
    expect(readAll(wav({ data: bytesOf(Int16Array.of(-32768, 16384, 1)) }))).toEqual([-1, 0.5, 1 / 32768])
    const int24 = Uint8Array.of(0, 0, 0x80, 0, 0, 0x40, 0xff, 0xff, 0xff, 1, 0, 0)
    expect(readAll(wav({ bits: 24, data: int24 }))).toEqual([-1, 0.5, -(2 ** -23), 2 ** -23])
    expect(readAll(wav({ bits: 32, data: bytesOf(Int32Array.of(-(2 ** 31), 2 ** 30)) }))).toEqual([-1, 0.5])
  })

  it('takes floats as they are', () => {
    expect(readAll(wav({ codec: 3, bits: 32, data: bytesOf(Float32Array.of(0.25, -1.5)) }))).toEqual([0.25, -1.5])
    expect(readAll(wav({ codec: 3, bits: 64, data: bytesOf(Float64Array.of(0.25, -1.5)) }))).toEqual([0.25, -1.5])
  })

  it('reads WAVE_FORMAT_EXTENSIBLE by its sub-format', () => {
    expect(readAll(wav({ extensible: 1, data: bytesOf(Int16Array.of(16384)) }))).toEqual([0.5])
    expect(readAll(wav({ extensible: 3, bits: 32, data: bytesOf(Float32Array.of(0.5)) }))).toEqual([0.5])
    expect(refusal(wav({ extensible: 2, data: bytesOf(Int16Array.of(16384)) })).message).toContain('Microsoft ADPCM')
  })

  it('mixes channels by their mean', () => {
    const sound = open(wav({ channels: 3, data: bytesOf(Int16Array.of(3000, 6000, 0, -9000, 0, 0)) }))
    expect([sound.channels, sound.length]).toEqual([3, 2])
    expect([...sound.read(0, 2)]).toEqual([3000 / 32768, -3000 / 32768])
  })

  it('skips unknown chunks and the padding byte of odd ones', () => {
    const before = concat(chunk('LIST', ascii('odd')), chunk('bext', new Uint8Array(10)))
    expect(readAll(wav({ before, data: bytesOf(Int16Array.of(16384, 0)) }))).toEqual([0.5, 0])
    expect(readAll(wav({ bits: 8, data: Uint8Array.of(192, 128, 64) }))).toEqual([0.5, 0, -0.5])
  })

  it('reads the same from a stretch as from the whole', () => {
    const samples = Int16Array.from({ length: 100 }, (_, i) => i * 100)
    const sound = open(wav({ data: bytesOf(samples) }))
    expect([...sound.read(17, 30)]).toEqual([...sound.read(0, 100)].slice(17, 47))
  })

  it('takes the rest of the file where a pipe writer left the length open, and RF64 lengths from ds64', () => {
    const data = bytesOf(Int16Array.of(16384, -16384))
    expect(readAll(wav({ data, declared: 0xffffffff }))).toEqual([0.5, -0.5])
    const ds64 = new Uint8Array(28)
    new DataView(ds64.buffer).setBigUint64(8, 2n, true)
    expect(readAll(wav({ magic: 'RF64', before: chunk('ds64', ds64), data, declared: 0xffffffff }))).toEqual([0.5])
  })

  it('says what is wrong, and at which byte', () => {
    const cases: [Uint8Array, string, string][] = [
      [new Uint8Array(0), 'a.wav:0', 'the file is empty'],
      [ascii('RIFF'), 'a.wav:0', 'too few'],
      [ascii('<html>not a recording</html>'), 'a.wav:0', 'not a wav file'],
      [wav({ magic: 'RIFX' }), 'a.wav:0', 'RIFX'],
      [wav({ declared: 108 }), 'a.wav:52', '100 of 108 bytes of sound are missing'],
      [wav({ channels: 0 }), 'a.wav:22', 'zero channels'],
      [wav({ rate: 0 }), 'a.wav:24', 'sample rate of zero'],
      [wav({ codec: 7, bits: 8 }), 'a.wav:20', 'codec 0x0007 (mu-law)'],
      [wav({ codec: 3, bits: 16 }), 'a.wav:32', '16-bit float'],
      [wav({ data: new Uint8Array(0) }), 'a.wav:44', 'no samples'],
      [wav({}).subarray(0, 36), 'a.wav:36', 'the data chunk is missing'],
      [concat(chunk('RIFF', concat(ascii('WAVE'), chunk('data', new Uint8Array(4))))), 'a.wav:12', 'before the fmt'],
      [wav({ before: chunk('LIST', new Uint8Array(2), 5000) }), 'a.wav:12', '"LIST" chunk is cut short'],
    ]
    for (const [bytes, at, message] of cases) {
      const error = refusal(bytes)
      expect([error.code, error.at]).toEqual(['AUSCULT_INPUT_INVALID', at])
      expect(error.message).toContain(message)
    }
  })
})

describe('encodeWav', () => {
  it('writes what openWav reads', () => {
    const left = Float32Array.of(0.5, -0.25, 0, 1)
    const right = Float32Array.of(0.5, 0.25, -1, -1)
    expect(readAll(encodeWav(left, 16000, 'float32'))).toEqual([0.5, -0.25, 0, 1])
    expect(readAll(encodeWav([left, right], 16000, 'float32'))).toEqual([0.5, 0, -0.5, 0])
    const sound = open(encodeWav(left, 44100))
    expect([sound.sampleRate, sound.channels, sound.length]).toEqual([44100, 1, 4])
    expect([...sound.read(0, 4)]).toEqual([0.5, -0.25, 0, 32767 / 32768])
  })

  it('refuses channels of different lengths', () => {
    expect(() => encodeWav([new Float32Array(2), new Float32Array(3)], 8000)).toThrow(RangeError)
    expect(() => encodeWav([], 8000)).toThrow(RangeError)
  })
})
