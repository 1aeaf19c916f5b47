import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyLabel } from '../../../src/ingest/kafka/key-label.ts'

const label = (text: string) => keyLabel(Buffer.from(text))

describe('keyLabel', () => {
  it.each([
    ['press-07', 'press-07'],
    ['Prüfstand 3', 'Prüfstand%203'],
    ['hall/press', 'hall%2Fpress'],
    ['100%', '100%25'],
    ['a~b', 'a%7Eb'],
    ['', '%'],
    ['\n', '%0A'],
    ['電機', '電機'],
  ])('of %j is %j', (key, expected) => {
    expect(label(key)).toBe(expected)
  })

  it('of bytes that are no text shows them', () => {
    expect(keyLabel(Buffer.from([0xff, 0x41, 0x00, 0xfc]))).toBe('%FFA%00%FC')
  })

  it('of a long key is cut, and other than that of a key that begins alike', () => {
    const [a, b] = [label(`${'x'.repeat(200)}a`), label(`${'x'.repeat(200)}b`)]
    expect(a).toMatch(/^x{47}~[0-9a-f]{16}$/)
    expect(a).not.toBe(b)
  })

  it('is printable, short, without a slash, and one for each key', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ unit: 'binary' }).map(text => Buffer.from(text)),
    )
    const labels = new Map<string, string>()
    fc.assert(
      fc.property(bytes, key => {
        const made = keyLabel(key)
        expect(made).toMatch(/^[\p{L}\p{N}_.:@+%~-]+$/u)
        expect(made.length).toBeLessThanOrEqual(64)
        const hex = Buffer.from(key).toString('hex')
        expect(labels.get(made) ?? hex).toBe(hex)
        labels.set(made, hex)
      }),
      { numRuns: 200 },
    )
  })
})
