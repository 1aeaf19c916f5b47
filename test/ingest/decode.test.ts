import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { type AudioRecording, openRecording } from '../../src/ingest/decode.ts'
import { FORMATS, type Format } from '../../src/ingest/format.ts'
import { encodeWav } from '../../src/ingest/wav-encode.ts'
import { PROJECT } from '../helpers/requires.ts'
import { SOUNDS } from '../helpers/sounds.ts'
import { errorOf, temporaryFolder } from '../helpers/temporary.ts'
import { pngOf } from './image/png-of.ts'

const { write } = temporaryFolder()

const tone = (n: number) => Float32Array.from({ length: n }, (_, i) => 0.5 * Math.sin(i / 10))

async function refusal(path: string, options = {}): Promise<AuscultError> {
  const error = await errorOf(() => openRecording(path, options))
  expect(error).toBeInstanceOf(AuscultError)
  return error as AuscultError
}

describe('openRecording', () => {
  it('opens sound at its own rate, or at another', async () => {
    const path = write('a.wav', encodeWav(tone(8000), 8000, 'float32'))
    const own = (await openRecording(path)) as AudioRecording
    expect(own).toMatchObject({ kind: 'audio', path, sampleRate: 8000, fileSampleRate: 8000, length: 8000 })
    expect(own.read(1000, 50)).toEqual(tone(8000).slice(1000, 1050))
    const other = (await openRecording(path, { sampleRate: 16000 })) as AudioRecording
    expect(other).toMatchObject({ sampleRate: 16000, fileSampleRate: 8000, length: 16000 })
    const converted = other.read(2000, 100)
    for (let i = 0; i < 100; i += 2) expect(converted[i]).toBeCloseTo(tone(8000)[1000 + i / 2], 4)
  })

  it('reads only inside the recording', async () => {
    const sound = (await openRecording(write('b.wav', encodeWav(tone(10), 8000)))) as AudioRecording
    for (const [start, count] of [
      [-1, 2],
      [9, 2],
      [0, -1],
      [0.5, 1],
    ])
      expect(() => sound.read(start, count)).toThrow(RangeError)
    const frame = await openRecording(write('b.raw', new Uint8Array(8)), { shape: [2] })
    expect(() => frame.kind === 'array' && frame.read(1)).toThrow(RangeError)
  })

  it('names the first sample that is not finite, only where it is read', async () => {
    const samples = tone(8000)
    samples[4000] = Number.NaN
    samples[6000] = Number.POSITIVE_INFINITY
    const path = write('nan.wav', encodeWav(samples, 8000, 'float32'))
    const sound = (await openRecording(path)) as AudioRecording
    expect(sound.read(0, 4000)).toEqual(samples.slice(0, 4000))
    const error = (await errorOf(() => sound.read(3000, 2000))) as AuscultError
    expect([error.code, error.at, error.message]).toEqual([
      'AUSCULT_NON_FINITE',
      path,
      'sample 4000 (at 0.500 s) is NaN',
    ])
    expect(() => sound.read(5000, 2000)).toThrow('sample 6000 (at 0.750 s) is infinite')
    expect(sound.readUnchecked(4000, 1)).toEqual(Float32Array.of(Number.NaN))
  })

  it('names the frame whose values are not finite', async () => {
    const values = Float32Array.of(1, 2, 3, Number.NaN)
    const path = write('nan.raw', new Uint8Array(values.buffer))
    const frames = await openRecording(path, { format: { shape: [2] } })
    if (frames.kind !== 'array') throw new Error('not frames')
    expect([...frames.read(0)]).toEqual([1, 2])
    expect(() => frames.read(1)).toThrow('value 1 of frame 1 is NaN')
  })

  it('goes by the declared format before the extension, and by the declared shape before the default', async () => {
    const path = write('frame.dat', new Uint8Array([1, 2, 3, 4]))
    const frames = await openRecording(path, { format: { format: 'raw', dtype: 'u8', shape: [2, 2] }, shape: [7] })
    expect(frames).toMatchObject({ kind: 'array', count: 1, shape: [2, 2] })
  })

  it('lists what it knows when the extension says nothing', async () => {
    const error = await refusal(write('a.aiff', 'FORM'))
    expect([error.code, error.message]).toEqual(['AUSCULT_INPUT_INVALID', 'unknown extension .aiff'])
    expect(error.remedy).toContain('.wav .wave .flac .ogg')
  })

  it('asks for a shape where one is needed', async () => {
    expect((await refusal(write('a.raw', 'abcd'))).code).toBe('AUSCULT_CONFIG')
    expect((await refusal(write('a.txt', '0 0 1'))).remedy).toContain('shape')
  })

  it('tells an absent file from one that cannot be read', async () => {
    expect((await refusal('/nowhere/a.wav')).code).toBe('AUSCULT_INPUT_MISSING')
    const folder = await refusal(PROJECT, { format: { format: 'wav' } })
    expect([folder.code, folder.message]).toEqual(['AUSCULT_INPUT_INVALID', 'not a file'])
  })

  it('notices a file that shrinks after it was opened', async () => {
    const path = write('shrinks.wav', encodeWav(tone(1000), 8000))
    const sound = (await openRecording(path)) as AudioRecording
    write('shrinks.wav', encodeWav(tone(100), 8000))
    const error = (await errorOf(() => sound.read(0, 1000))) as AuscultError
    expect([error.code, error.at]).toEqual(['AUSCULT_INPUT_INVALID', `${path}:44`])
    expect(error.message).toContain('1800 bytes early')
    appendFileSync(path, new Uint8Array(1800))
    expect(statSync(path).size).toBe(2044)
    expect(sound.read(0, 1000).length).toBe(1000)
  })

  it.each(FORMATS)('ends in a recording or a typed error for any bytes as %s', async format => {
    const seeds: Record<Format, Uint8Array> = {
      wav: encodeWav(tone(20), 8000),
      npy: readFileSync(`${PROJECT}test/fixtures/numpy/fortran.npy`),
      npz: readFileSync(`${PROJECT}test/fixtures/numpy/deflated.npz`),
      raw: new Uint8Array(64),
      sparse: new Uint8Array(Buffer.from('1 1 5\n2 3 7\n')),
      flac: readFileSync(`${SOUNDS}mono8.flac`),
      ogg: readFileSync(`${SOUNDS}opus.opus`),
      mp3: readFileSync(`${SOUNDS}mono.mp3`),
      png: pngOf(4, 3, { data: deflateSync(new Uint8Array(15)) }),
      jpeg: readFileSync(`${PROJECT}test/fixtures/image/grey8.jpg`),
      csv: Buffer.from('a,b,c,d\n1,2,3,4\n5,6,7,8\n9,0,1,2\n'),
    }
    const damage = fc.array(fc.tuple(fc.nat(600), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 })
    const broken = fc.tuple(damage, fc.nat(700)).map(([changes, length]) => {
      const bytes = new Uint8Array(seeds[format])
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      return bytes.subarray(0, Math.max(1, length))
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(broken, fc.uint8Array({ maxLength: 200 })), async bytes => {
        const path = write(`fuzz-${format}`, bytes)
        try {
          const recording = await openRecording(path, { format: { format, shape: [3, 4] } })
          if (recording.kind === 'audio') recording.read(0, recording.length)
          else for (let i = 0; i < recording.count; i++) expect(recording.read(i).length).toBe(12)
        } catch (error) {
          if (!(error instanceof AuscultError)) throw error
        }
      }),
      { numRuns: 300 },
    )
  })
})
