import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StreamResampler } from '../../../src/ingest/microphone/stream-resampler.ts'
import { resample } from '../../../src/ingest/resample.ts'
import { seeded } from '../../../src/random.ts'

const random = seeded(3)
const noise = Float32Array.from({ length: 40_000 }, () => 0.3 * random.normal())

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength)

async function whole(samples: Float32Array, from: number, to: number): Promise<Float32Array> {
  const read = (start: number, count: number) => samples.slice(start, start + count)
  const result = await resample({ name: 'test', sampleRate: from, channels: 1, length: samples.length, read }, to)
  return result.read(0, result.length)
}

describe('StreamResampler', () => {
  it.each([
    [48_000, 16_000],
    [44_100, 16_000],
    [8000, 16_000],
    [16_000, 22_050],
  ])('makes of a stream at %i Hz what resample makes of a recording, at %i Hz', async (from, to) => {
    const expected = await whole(noise, from, to)
    const sizes = fc.array(fc.integer({ min: 200, max: 9000 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(sizes, async pieces => {
        const resampler = await StreamResampler.create('test', from, to)
        let made = 0
        for (let at = 0, i = 0; at < noise.length; i++) {
          const piece = noise.subarray(at, at + pieces[i % pieces.length])
          at += piece.length
          const samples = resampler.push(piece)
          expect(Buffer.compare(bytes(samples), bytes(expected.subarray(made, made + samples.length)))).toBe(0)
          made += samples.length
          // No more than a block and the filter's length wait.
          expect((at * to) / from - made).toBeLessThan(4096 + 2 * to * 0.02 + 2000)
        }
        expect(made).toBeGreaterThan(0.7 * expected.length)
      }),
      { numRuns: 4 },
    )
  })

  it('refuses rates that cannot be converted', async () => {
    await expect(StreamResampler.create('mic', 1000, 768_000)).rejects.toMatchObject({ code: 'AUSCULT_INPUT_INVALID' })
  })
})
