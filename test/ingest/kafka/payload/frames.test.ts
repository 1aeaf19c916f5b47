import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../../src/errors.ts'
import { failureOf } from '../../../../src/ingest/failure.ts'
import { FRAME_FORMATS, payloadSchema } from '../../../../src/ingest/kafka/payload/config.ts'
import { createFrameDecoder } from '../../../../src/ingest/kafka/payload/frames.ts'
import type { MessageHeaders } from '../../../../src/ingest/kafka/payload/message.ts'

const AT = 'frames/3/1234'

const decoderOf = (options: object, shape = [2, 3]) =>
  createFrameDecoder(payloadSchema.parse(options), { shape, sampleRate: null, hop: 6 })

/** A message at an odd place of a larger buffer, as kafkajs cuts it from a batch. */
function messageOf(bytes: Uint8Array, headers?: MessageHeaders) {
  const batch = Buffer.alloc(bytes.length + 13, 0xaa)
  batch.set(bytes, 7)
  return { value: batch.subarray(7, 7 + bytes.length), at: AT, headers, timestamp: 1000 }
}

const jsonOf = (value: unknown) => messageOf(Buffer.from(JSON.stringify(value)))

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

describe('raw frames', () => {
  it.each([
    ['f32le', Float32Array.of(1.5, -2, 3, 4, 5, 1e30)],
    ['f64le', Float64Array.of(1.5, -2, 3, 4, 5, 1e30)],
    ['u8', Uint8Array.of(0, 1, 127, 128, 254, 255)],
    ['u16le', Uint16Array.of(0, 1, 255, 256, 65534, 65535)],
    ['i16le', Int16Array.of(0, -1, 255, 256, -32768, 32767)],
  ])('of %s are decoded at any alignment, one or more in a message', (format, values) => {
    const decode = decoderOf({ format })
    const expected = Float32Array.from(values)
    expect(decode(messageOf(bytesOf(values)))).toEqual({ frames: [expected], time: 1000 })
    const twice = Buffer.concat([bytesOf(values), bytesOf(values)])
    expect(decode(messageOf(twice)).frames).toEqual([expected, expected])
  })

  it('share no memory with the message', () => {
    for (const shift of [0, 1, 4]) {
      const batch = Buffer.from(new ArrayBuffer(1000)).fill(0)
      const { frames } = decoderOf({})({ value: batch.subarray(shift, shift + 48), at: AT })
      batch.fill(0x40)
      expect(frames).toEqual([new Float32Array(6), new Float32Array(6)])
      for (const frame of frames) expect(frame.buffer.byteLength).toBe(24)
    }
  })

  it('of another length are refused', () => {
    const decode = decoderOf({})
    for (const length of [1, 23, 25, 47]) expect(reasonOf(() => decode(messageOf(Buffer.alloc(length))))).toBe('shape')
    expect(reasonOf(() => decode(messageOf(Buffer.alloc(0))))).toBe('decode')
    expect(reasonOf(() => decode({ value: null, at: AT }))).toBe('decode')
  })

  it('with NaN or infinite values are refused, with the place', () => {
    const decode = decoderOf({})
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const values = new Float32Array(12)
      values[8] = bad
      const work = () => decode(messageOf(bytesOf(values)))
      expect(reasonOf(work)).toBe('non_finite')
      expect(work).toThrow('value 2 of frame 1')
    }
    expect(reasonOf(() => decoderOf({ format: 'f64le' })(messageOf(bytesOf(new Float64Array(6).fill(1e300)))))).toBe(
      'non_finite',
    )
  })
})

describe('npy frames', () => {
  const numpy = (name: string) => readFileSync(new URL(`../../../fixtures/numpy/${name}`, import.meta.url))
  const golden: Record<string, { shape: number[]; values: number[] }> = JSON.parse(String(numpy('golden.json')))
  const grids = Object.entries(golden).filter(([name, { shape }]) => name.endsWith('.npy') && shape?.length === 3)

  it.each(grids)('of numpy are read: %s', (name, { shape, values }) => {
    const message = messageOf(numpy(name))
    expect(decoderOf({ format: 'npy' }, shape)(message).frames).toEqual([Float32Array.from(values)])
    expect(decoderOf({ format: 'npy' }, shape.slice(1))(message).frames).toEqual([
      Float32Array.from(values.slice(0, 12)),
      Float32Array.from(values.slice(12)),
    ])
  })

  it('of another shape, or that claim more than is there, are refused', () => {
    const decode = decoderOf({ format: 'npy' }, [4, 3])
    expect(reasonOf(() => decode(messageOf(numpy('f4_le.npy'))))).toBe('shape')
    expect(decoderOf({ format: 'npy', shape: [3, 4] }, [4, 3])(messageOf(numpy('f4_le.npy'))).frames).toHaveLength(2)
    const claims = Buffer.from(
      String(numpy('f4_le.npy').toString('latin1')).replace('(2, 3,', '(9999999, 3,'),
      'latin1',
    )
    expect(reasonOf(() => decode(messageOf(claims)))).toBe('decode')
  })
})

describe('json frames', () => {
  const decode = decoderOf({ format: 'json' })
  const frame = Float32Array.of(1, 2, 3, 4, 5, 6.5)

  it.each([
    ['flat', [1, 2, 3, 4, 5, 6.5], 1],
    [
      'nested',
      [
        [1, 2, 3],
        [4, 5, 6.5],
      ],
      1,
    ],
    ['flat, twice', [1, 2, 3, 4, 5, 6.5, 1, 2, 3, 4, 5, 6.5], 2],
    [
      'a list of one',
      [
        [
          [1, 2, 3],
          [4, 5, 6.5],
        ],
      ],
      1,
    ],
    [
      'a list of two',
      [
        [
          [1, 2, 3],
          [4, 5, 6.5],
        ],
        [
          [1, 2, 3],
          [4, 5, 6.5],
        ],
      ],
      2,
    ],
  ])('are read: %s', (_name, array, count) => {
    expect(decode(jsonOf(array)).frames).toEqual(Array.from({ length: count }, () => frame))
    expect(decode(jsonOf({ data: array, other: 'x' })).frames).toHaveLength(count)
    expect(decoderOf({ format: 'json', json_field: 'v' })(jsonOf({ v: array })).frames).toHaveLength(count)
  })

  it('are read one by one of a list of vectors', () => {
    const vectors = decoderOf({ format: 'json' }, [2])
    expect(
      vectors(
        jsonOf([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ).frames,
    ).toEqual(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ].map(v => Float32Array.from(v)),
    )
  })

  it.each([
    ['shape', [1, 2, 3]],
    ['shape', []],
    ['shape', [[1, 2, 3]]],
    [
      'shape',
      [
        [1, 2, 3],
        [4, 5],
      ],
    ],
    ['shape', [[1, 2, 3], 4]],
    [
      'shape',
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    ],
    [
      'shape',
      [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
      ],
    ],
    [
      'decode',
      [
        [1, 2, 3],
        [4, 5, '6'],
      ],
    ],
    [
      'decode',
      [
        [1, 2, 3],
        [4, 5, [6]],
      ],
    ],
    [
      'decode',
      [
        [1, 2, 3],
        [4, 5, true],
      ],
    ],
    [
      'non_finite',
      [
        [1, 2, 3],
        [4, 5, null],
      ],
    ],
    [
      'non_finite',
      [
        [1, 2, 3],
        [4, 5, 1e300],
      ],
    ],
    ['decode', {}],
    ['decode', { data: 5 }],
    ['decode', { data: { 0: 1 } }],
    ['decode', 5],
    ['decode', null],
    ['decode', 'data'],
  ])('are refused as %s: %j', (reason, value) => {
    expect(reasonOf(() => decode(jsonOf(value)))).toBe(reason)
  })

  it.each(['{"data": [1,2', '[1, 2, 3, 4, 5, NaN]', '\u0000\u0001', '[[[[', '{"__proto__": [1,2,3,4,5,6]}'])(
    'are refused: %s',
    text => {
      expect(reasonOf(() => decode(messageOf(Buffer.from(text))))).toBe('decode')
    },
  )

  it('survive a million brackets', () => {
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
    expect(['shape', 'decode']).toContain(reasonOf(() => decode(messageOf(Buffer.from(deep)))))
  })
})

describe('the time of a frame', () => {
  const data = [1, 2, 3, 4, 5, 6]

  it("is Kafka's, a field's or a header's", () => {
    expect(decoderOf({ format: 'json' })(jsonOf(data)).time).toBe(1000)
    const field = decoderOf({ format: 'json', time_field: 't', time_header: 't' })
    expect(field(jsonOf({ data, t: '1970-01-01T00:00:02Z' })).time).toBe(2000)
    expect(reasonOf(() => field(jsonOf({ data })))).toBe('decode')
    expect(reasonOf(() => field(jsonOf(data)))).toBe('decode')
    const header = decoderOf({ time_header: 't' })
    expect(header(messageOf(Buffer.alloc(24), { t: Buffer.from('3000') })).time).toBe(3000)
    expect(reasonOf(() => header(messageOf(Buffer.alloc(24))))).toBe('decode')
  })
})

describe('frame decoders', () => {
  const numpy = readFileSync(new URL('../../../fixtures/numpy/f4_le.npy', import.meta.url))
  const decoders = Object.fromEntries(FRAME_FORMATS.map(format => [format, decoderOf({ format }, [3, 4])]))
  const damaged = (seed: Buffer) =>
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }).chain(changes =>
      fc.nat(seed.length).map(cut => {
        const bytes = Buffer.from(seed)
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        return cut % 3 === 0 ? bytes.subarray(0, cut) : bytes
      }),
    )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map(Buffer.from),
    fc.json().map(text => Buffer.from(text)),
    damaged(numpy),
    damaged(
      Buffer.from(
        JSON.stringify({
          data: [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
            [9, 10, 11, 12],
          ],
        }),
      ),
    ),
    damaged(Buffer.alloc(96)),
  )

  it('survive any bytes with whole frames of finite values, or an error with a place; they allocate no more than twice the message', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FRAME_FORMATS), bytes, (format, value) => {
        let allocated = 0
        const reason = reasonOf(() => {
          const { frames } = decoders[format](messageOf(value))
          expect(frames.length).toBeGreaterThan(0)
          for (const frame of frames) {
            expect(frame.length).toBe(12)
            expect(frame.every(Number.isFinite)).toBe(true)
            allocated += frame.buffer.byteLength
          }
        })
        expect(['none', 'shape', 'decode', 'non_finite']).toContain(reason)
        expect(allocated).toBeLessThanOrEqual(4 * value.length)
      }),
      { numRuns: 2000 },
    )
  })

  it('allocate nothing for what a message claims', () => {
    const text = numpy.toString('latin1')
    const claims = [
      text.replace('(2, 3, 4)', '(90000000, 3, 4)'),
      text.replace('(2, 3, 4)', '(3, 90000000, 4)'),
      text.replace("'fortran_order': False, 'shape': (2, 3, 4)", "'fortran_order': True, 'shape': (90000000, 3, 4)"),
    ]
    const before = process.memoryUsage().arrayBuffers
    for (const claim of claims) {
      expect(reasonOf(() => decoders.npy(messageOf(Buffer.from(claim, 'latin1'))))).toBe('decode')
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
  })
})
