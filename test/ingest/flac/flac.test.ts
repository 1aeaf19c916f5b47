import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { fileBytes, memoryBytes } from '../../../src/ingest/bytes.ts'
import { openFlac } from '../../../src/ingest/flac/flac.ts'
import { decodeFrame } from '../../../src/ingest/flac/frame.ts'
import { readFlacHeader } from '../../../src/ingest/flac/header.ts'
import { expectGolden, SOUNDS } from '../../helpers/sounds.ts'
import { errorOf } from '../../helpers/temporary.ts'

const NAMES = ['mono16.flac', 'stereo24.flac', 'mono8.flac']
const bytesOf = (name: string) => new Uint8Array(readFileSync(SOUNDS + name))
const open = (bytes: Uint8Array<ArrayBuffer>) => openFlac(memoryBytes('a.flac', bytes))

async function refusal(bytes: Uint8Array<ArrayBuffer>): Promise<AuscultError> {
  const error = await errorOf(() => {
    const sound = open(bytes)
    sound.read(0, sound.length)
  })
  expect(error).toBeInstanceOf(AuscultError)
  return error as AuscultError
}

describe('openFlac', () => {
  it.each(NAMES)('gives the samples of %s exactly', name => expectGolden(name, 0))

  it.each(NAMES)('decodes %s to the integers whose MD5 the encoder wrote down', name => {
    const bytes = bytesOf(name)
    const file = memoryBytes(name, bytes)
    const info = readFlacHeader(file)
    const md5 = createHash('md5')
    const width = info.bitsPerSample / 8
    for (let position = info.dataOffset; position < bytes.length; ) {
      const frame = decodeFrame(bytes, position, info)!
      const block = Buffer.alloc(frame.channels[0].length * info.channels * width)
      for (let i = 0, at = 0; i < frame.channels[0].length; i++) {
        for (const channel of frame.channels) at = block.writeIntLE(channel[i], at, width)
      }
      md5.update(block)
      position += frame.bytes
    }
    expect(md5.digest('hex')).toBe(Buffer.from(bytes.subarray(26, 42)).toString('hex'))
  })

  it('gives the same samples wherever one begins to read', () => {
    for (const name of NAMES) {
      const whole = openFlac(fileBytes(SOUNDS + name))
      const samples = whole.read(0, whole.length)
      const sound = openFlac(fileBytes(SOUNDS + name))
      const stretch = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 700 }))
      fc.assert(
        fc.property(stretch, ([start, count]) => {
          const n = Math.min(count, whole.length - start)
          expect(sound.read(start, n)).toEqual(samples.slice(start, start + n))
        }),
        { numRuns: 60 },
      )
    }
  })

  it('finds the length where the encoder did not know it', () => {
    const bytes = bytesOf('mono16.flac')
    bytes[21] &= 0xf0
    bytes.fill(0, 22, 26)
    expect(open(bytes).length).toBe(4800)
  })

  it('reads past tags before and after the stream', () => {
    const bytes = bytesOf('mono8.flac')
    const id3v2 = Uint8Array.of(73, 68, 51, 4, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5)
    const id3v1 = new Uint8Array(128).fill(0xff)
    const sound = open(new Uint8Array(Buffer.concat([id3v2, bytes, id3v1])))
    expect(sound.read(0, sound.length)).toEqual(open(bytes).read(0, 1600))
  })

  it('says where a file ends too early', async () => {
    const bytes = bytesOf('mono16.flac')
    const cut = await refusal(bytes.slice(0, bytes.length - 10))
    expect([cut.code, cut.at]).toEqual(['AUSCULT_INPUT_INVALID', `a.flac:${bytes.length - 10}`])
    expect(cut.message).toMatch(/^truncated: \d+ of 4800 samples are missing/)
    expect((await refusal(bytes.slice(0, 60))).message).toBe('the metadata is cut short')
  })

  it('says where a frame is damaged, and reads the others', async () => {
    const bytes = bytesOf('mono16.flac')
    const info = readFlacHeader(memoryBytes('a.flac', bytes))
    const damaged = bytes.slice()
    damaged[info.dataOffset + 500] ^= 16
    const error = await refusal(damaged)
    expect([error.code, error.at]).toEqual(['AUSCULT_INPUT_INVALID', `a.flac:${info.dataOffset}`])
    expect(open(damaged).read(4500, 300)).toEqual(open(bytes).read(4500, 300))
  })

  it('tells what is no FLAC file', async () => {
    const cases: [Uint8Array<ArrayBuffer>, string][] = [
      [new Uint8Array(0), 'the file is empty'],
      [new Uint8Array(100), 'not a FLAC file'],
      [new Uint8Array(Buffer.from('OggS'.padEnd(100))), 'this is an Ogg file'],
      [new Uint8Array(Buffer.from('fLaC')), 'the metadata does not end'],
      [new Uint8Array([...Buffer.from('fLaC'), 132, 0, 0, 2, 0, 0]), 'the first block is no STREAMINFO'],
    ]
    for (const [bytes, message] of cases) expect((await refusal(bytes)).message).toContain(message)
  })

  it('gives nothing for any bits after the header of a frame, and takes no memory beyond a frame', () => {
    const bytes = bytesOf('mono8.flac')
    const info = readFlacHeader(memoryBytes('a.flac', bytes))
    const header = bytes.subarray(info.dataOffset, info.dataOffset + 8)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 400 }), body => {
        const before = process.memoryUsage().arrayBuffers
        expect(decodeFrame(new Uint8Array([...header, ...body]), 0, info)).toBeUndefined()
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 23)
      }),
      { numRuns: 500 },
    )
  })
})
