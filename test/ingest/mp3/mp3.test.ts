import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { memoryBytes } from '../../../src/ingest/bytes.ts'
import { decodeMp3 } from '../../../src/ingest/mp3/mp3.ts'
import { expectGolden, goldenSounds, SOUNDS } from '../../helpers/sounds.ts'
import { errorOf } from '../../helpers/temporary.ts'

const NAMES = ['stereo.mp3', 'mono.mp3']
const bytesOf = (name: string) => new Uint8Array(readFileSync(SOUNDS + name))
const decode = (bytes: Uint8Array<ArrayBuffer>) => decodeMp3(memoryBytes('a.mp3', bytes))
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

async function refusal(bytes: Uint8Array<ArrayBuffer>): Promise<AuscultError> {
  const error = await errorOf(() => decode(bytes))
  expect(error).toBeInstanceOf(AuscultError)
  return error as AuscultError
}

describe('decodeMp3', () => {
  it.each(NAMES)('agrees with libsndfile on %s, without the samples that the encoder added', name =>
    expectGolden(name, 5e-6),
  )

  it('decodes several files at once', async () => {
    const lengths = await Promise.all(
      [...NAMES, ...NAMES].map(async name => (await decode(bytesOf(name))).samples.length),
    )
    expect(lengths).toEqual([...NAMES, ...NAMES].map(name => goldenSounds[name].length))
  })

  it('reads past tags before and after the sound', async () => {
    const bytes = bytesOf('mono.mp3')
    const id3v2 = Uint8Array.of(73, 68, 51, 4, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0)
    const ape = Buffer.alloc(200)
    ape.write('APETAGEX', 200 - 32)
    ape.writeUInt32LE(200, 200 - 32 + 12)
    const id3v1 = Buffer.alloc(128)
    id3v1.write('TAG')
    const tagged = await decode(joined(id3v2, bytes, ape, id3v1))
    expect(tagged.samples.read(0, 12_800)).toEqual((await decode(bytes)).samples.read(0, 12_800))
  })

  it('stops at more samples than may be kept, with the advice to convert', async () => {
    const error = (await errorOf(() => decodeMp3(memoryBytes('a', bytesOf('mono.mp3')), 12000))) as AuscultError
    expect([error.code, error.message]).toEqual([
      'AUSCULT_INPUT_INVALID',
      'more than 12000 samples cannot be decoded from one file',
    ])
    expect(error.remedy).toContain('.flac')
  })

  it('says how much is missing of a file that is cut short', async () => {
    const bytes = bytesOf('stereo.mp3')
    const error = await refusal(bytes.slice(0, 6000))
    expect([error.code, error.at]).toEqual(['AUSCULT_INPUT_INVALID', 'a.mp3:6000'])
    expect(error.message).toMatch(/^damaged or truncated: \d+ samples are missing$/)
  })

  it('tells what is no mp3 file, and prints nothing', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)
    expect((await refusal(new Uint8Array(0))).message).toBe('the file is empty')
    expect((await refusal(noise)).message).toBe('not an mp3 file: no frames')
    expect((await refusal(joined(bytesOf('mono.mp3').subarray(0, 300), noise))).code).toBe('AUSCULT_INPUT_INVALID')
    expect(print).not.toHaveBeenCalled()
    print.mockRestore()
  })

  it('ends in samples or a typed error for any bytes, with memory for no more than they can hold', async () => {
    const seed = bytesOf('mono.mp3')
    const change = fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), fc.nat(seed.length), async (changes, cut) => {
        const bytes = seed.slice()
        for (const [at, value] of changes) bytes[at] = value
        const before = process.memoryUsage().arrayBuffers
        try {
          const { samples } = await decode(cut % 3 === 0 ? bytes : bytes.slice(0, cut))
          // A frame of 1152 samples has 24 bytes or more.
          expect(samples.length).toBeLessThanOrEqual((1152 * bytes.length) / 24)
        } catch (error) {
          if (!(error instanceof AuscultError)) throw error
        }
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27)
      }),
      { numRuns: 200 },
    )
  })
})
