import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { assertFinite, decodeNumbers, isSupported, type NumberType } from '../../src/ingest/numbers.ts'
import { errorOf } from '../helpers/temporary.ts'

const KINDS = ['f', 'i', 'u'] as const
const WIDTHS = [1, 2, 3, 4, 8] as const
const TYPES = KINDS.flatMap(kind => WIDTHS.map(width => ({ kind, width }))).filter(isSupported)

/** `bytes` at an odd address, where typed arrays cannot be used. */
function misaligned(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length + 1)
  copy.set(bytes, 1)
  return copy.subarray(1)
}

describe('decodeNumbers', () => {
  it('reads the same at any address and in both byte orders', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.uint8Array({ maxLength: 80 }), ({ kind, width }, bytes) => {
        const little: NumberType = { kind, width, littleEndian: true }
        const whole = bytes.slice(0, bytes.length - (bytes.length % width))
        const swapped = whole.slice()
        for (let i = 0; i < whole.length; i += width) swapped.subarray(i, i + width).reverse()
        const numbers = decodeNumbers(bytes.slice(), little)
        expect(numbers.length).toBe(whole.length / width)
        expect(decodeNumbers(misaligned(whole), little)).toEqual(numbers)
        expect(decodeNumbers(swapped, { ...little, littleEndian: false })).toEqual(numbers)
        const given = new Float32Array(numbers.length + 2).subarray(1, numbers.length + 1)
        expect(decodeNumbers(whole, little, given)).toBe(given)
        expect(given).toEqual(numbers)
      }),
    )
  })

  it('reads 24-bit integers with their sign', () => {
    const bytes = Uint8Array.of(0xff, 0xff, 0x7f, 0, 0, 0x80, 0xfe, 0xff, 0xff)
    expect([...decodeNumbers(bytes, { kind: 'i', width: 3, littleEndian: true })]).toEqual([8388607, -8388608, -2])
  })

  it('never hands out the bytes that it was given', () => {
    const bytes = new Uint8Array(Float32Array.of(1, 2).buffer)
    const numbers = decodeNumbers(bytes, { kind: 'f', width: 4, littleEndian: true })
    bytes.fill(0)
    expect([...numbers]).toEqual([1, 2])
  })
})

describe('assertFinite', () => {
  it('names the first value that is not finite', async () => {
    const values = Float32Array.of(1, Number.NEGATIVE_INFINITY, Number.NaN)
    const error = (await errorOf(() => assertFinite(values, 'a.wav', i => `sample ${i}`))) as AuscultError
    expect(error).toBeInstanceOf(AuscultError)
    expect([error.code, error.at, error.message]).toEqual(['AUSCULT_NON_FINITE', 'a.wav', 'sample 1 is infinite'])
  })
})
