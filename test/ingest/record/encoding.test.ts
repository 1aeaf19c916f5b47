import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../../../src/ingest/bytes.ts'
import { openNpy } from '../../../src/ingest/npy.ts'
import { type Encoding, encodingOf, npyEncoding, wavEncoding } from '../../../src/ingest/record/encoding.ts'
import { openWav } from '../../../src/ingest/wav.ts'

const fileOf = ({ header, encode }: Encoding, items: number | undefined, values: Float32Array) =>
  memoryBytes('a', new Uint8Array([...header(items), ...encode(values)]))

const sample = fc.float({ min: -1, max: Math.fround(0.999), noNaN: true })
const samples = fc.array(sample, { minLength: 1, maxLength: 50 }).map(values => Float32Array.from(values, x => x + 0))

describe('wavEncoding', () => {
  it('is read back exactly in float32, to half a step in int16, with and without its length', () => {
    fc.assert(
      fc.property(samples, fc.boolean(), (values, known) => {
        const items = known ? values.length : undefined
        const exact = openWav(fileOf(wavEncoding(8000, 'float32'), items, values))
        expect([exact.sampleRate, exact.length]).toEqual([8000, values.length])
        expect(exact.read(0, values.length)).toEqual(values)
        const rounded = openWav(fileOf(wavEncoding(8000, 'int16'), items, values)).read(0, values.length)
        expect(Math.max(...rounded.map((x, i) => Math.abs(x - values[i])))).toBeLessThanOrEqual(1 / 65536)
      }),
    )
  })

  it('clips int16 beyond full scale', () => {
    const loud = Float32Array.of(1.5, -1.5, 1)
    const read = openWav(fileOf(wavEncoding(8000, 'int16'), 3, loud)).read(0, 3)
    expect([...read]).toEqual([32767 / 32768, -1, 32767 / 32768])
  })
})

describe('npyEncoding', () => {
  it('is read back exactly, for any shape', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 5 }), (shape, n) => {
        const size = shape.reduce((product, dimension) => product * dimension, 1)
        const values = Float32Array.from({ length: n * size }, (_, i) => i / 3)
        const frames = openNpy(fileOf(npyEncoding(shape), n, values), shape)
        expect([frames.count, frames.shape]).toEqual([n, shape])
        expect(frames.read(n - 1)).toEqual(values.slice(-size))
      }),
    )
  })
})

describe('encodingOf', () => {
  it('knows a file by its header, also one that is not finished', () => {
    for (const encoding of [
      wavEncoding(44_100, 'int16'),
      wavEncoding(8000, 'float32'),
      npyEncoding([3]),
      npyEncoding([2, 5]),
    ]) {
      for (const items of [undefined, 7]) {
        const found = encodingOf(encoding.header(items))
        expect([found?.extension, found?.itemBytes]).toEqual([encoding.extension, encoding.itemBytes])
        expect(found?.header(9)).toEqual(encoding.header(9))
      }
    }
    expect(encodingOf(new Uint8Array(128))).toBeUndefined()
    expect(encodingOf(new Uint8Array(0))).toBeUndefined()
  })
})
