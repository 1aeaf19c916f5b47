import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PcmDecoder } from '../../../src/ingest/microphone/pcm.ts'

const bytesOf = (values: readonly number[]) => new Uint8Array(Int16Array.from(values).buffer)

/** Decodes bytes that come in pieces of these sizes, over and over. */
function decode(decoder: PcmDecoder, bytes: Uint8Array, pieces: readonly number[]) {
  const samples: number[] = []
  let clipped = 0
  for (let at = 0, i = 0; at < bytes.length; at += pieces[i++ % pieces.length]) {
    samples.push(...decoder.decode(bytes.subarray(at, at + pieces[i % pieces.length])))
    clipped += decoder.clipped
  }
  return { samples, clipped }
}

describe('PcmDecoder', () => {
  it('scales 16 bits to [−1, 1)', () => {
    const decoder = new PcmDecoder(1, 'mean')
    expect([...decoder.decode(bytesOf([0, 16384, -32768, 32767, -1]))]).toEqual([0, 0.5, -1, 32767 / 32768, -1 / 32768])
  })

  it('takes a channel, or the mean of all', () => {
    const bytes = bytesOf([1000, 3000, -2000, 400])
    const take = (channel: number | 'mean') =>
      [...new PcmDecoder(2, channel).decode(bytes)].map(x => Math.round(x * 32768))
    expect(take(1)).toEqual([1000, -2000])
    expect(take(2)).toEqual([3000, 400])
    expect(take('mean')).toEqual([2000, -800])
  })

  it('gives the same however samples and frames are cut into pieces', () => {
    const value = fc.oneof(fc.integer({ min: -32768, max: 32767 }), fc.constantFrom(-32768, 32767))
    const input = fc.record({
      channels: fc.integer({ min: 1, max: 5 }),
      values: fc.array(value, { maxLength: 200 }),
      pieces: fc.array(fc.integer({ min: 1, max: 23 }), { minLength: 1, maxLength: 6 }),
      mean: fc.boolean(),
    })
    fc.assert(
      fc.property(input, ({ channels, values, pieces, mean }) => {
        const frames = Math.floor(values.length / channels)
        const rows = Array.from({ length: frames }, (_, i) => values.slice(i * channels, (i + 1) * channels))
        const heard = rows.map(row => (mean ? row : [row[channels - 1]]))
        const expected = heard.map(row => Math.fround(row.reduce((sum, x) => sum + x, 0) / row.length / 32768))
        const result = decode(new PcmDecoder(channels, mean ? 'mean' : channels), bytesOf(values), pieces)
        expect(result.samples).toEqual(expected)
        expect(result.clipped).toBe(heard.filter(row => row.some(x => x === 32767 || x === -32768)).length)
      }),
    )
  })

  it('counts clipping in a channel that the mean would hide', () => {
    const decoder = new PcmDecoder(2, 'mean')
    decoder.decode(bytesOf([32767, 0, 5, -32768, 1, 1]))
    expect(decoder.clipped).toBe(2)
    decoder.decode(bytesOf([1, 1]))
    expect(decoder.clipped).toBe(0)
  })
})
