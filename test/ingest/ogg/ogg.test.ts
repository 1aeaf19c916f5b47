import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { memoryBytes } from '../../../src/ingest/bytes.ts'
import { decodeOgg } from '../../../src/ingest/ogg/ogg.ts'
import { oggPackets } from '../../../src/ingest/ogg/pages.ts'
import { expectGolden, goldenSounds, openSound, SOUNDS } from '../../helpers/sounds.ts'
import { errorOf } from '../../helpers/temporary.ts'
import { rePage } from './pages.ts'

const NAMES = ['vorbis.ogg', 'opus.opus']
const bytesOf = (name: string) => new Uint8Array(readFileSync(SOUNDS + name))
const decode = (bytes: Uint8Array<ArrayBuffer>) => decodeOgg(memoryBytes('a.ogg', bytes))

async function refusal(bytes: Uint8Array<ArrayBuffer>): Promise<AuscultError> {
  const error = await errorOf(() => decode(bytes))
  expect(error).toBeInstanceOf(AuscultError)
  return error as AuscultError
}

const packetsOf = (bytes: Uint8Array<ArrayBuffer>) =>
  [...oggPackets(memoryBytes('a.ogg', bytes))].map(({ bytes }) => bytes)

describe('decodeOgg', () => {
  it.each(NAMES)('agrees with libsndfile on %s', name => expectGolden(name, 1e-6))

  it('gives the same samples when it is opened again, and in pieces', async () => {
    const first = await openSound(`${SOUNDS}vorbis.ogg`)
    const again = await openSound(`${SOUNDS}vorbis.ogg`)
    expect(again.read(5000, 700)).toEqual(first.read(0, first.length).slice(5000, 5700))
  })

  it('decodes several files at once', async () => {
    const lengths = await Promise.all(
      [...NAMES, ...NAMES].map(async name => (await decode(bytesOf(name))).samples.length),
    )
    expect(lengths).toEqual([...NAMES, ...NAMES].map(name => goldenSounds[name].length))
  })

  it('begins where a stream begins that was cut from a longer one', async () => {
    const bytes = bytesOf('vorbis.ogg')
    const whole = await decode(bytes)
    const later = await decode(rePage(packetsOf(bytes), { granules: bytes, offset: 48_000 }))
    expect(later.samples.length).toBe(whole.samples.length)
  })

  it('stops at more samples than may be kept, with the advice to convert', async () => {
    const error = (await errorOf(() => decodeOgg(memoryBytes('a', bytesOf('vorbis.ogg')), 12000))) as AuscultError
    expect([error.code, error.message]).toEqual([
      'AUSCULT_INPUT_INVALID',
      'more than 12000 samples cannot be decoded from one file',
    ])
    expect(error.remedy).toContain('.flac')
  })

  it('says where a file is cut short or damaged', async () => {
    const bytes = bytesOf('vorbis.ogg')
    const cut = await refusal(bytes.slice(0, bytes.length - 10))
    expect([cut.code, cut.message]).toEqual(['AUSCULT_INPUT_INVALID', 'truncated: the last page is cut short'])
    expect(cut.at).toMatch(/^a\.ogg:[1-9]\d+$/)
    const damaged = bytes.slice()
    damaged[bytes.length - 300] ^= 1
    expect((await refusal(damaged)).message).toBe('a page is damaged: its checksum differs')
    const starts = [...bytes.keys()].filter(i => String.fromCharCode(...bytes.subarray(i, i + 4)) === 'OggS')
    const endless = await refusal(bytes.slice(0, starts.at(-1)))
    expect(endless.message).toBe('truncated: the stream does not end')
  })

  it('tells what it cannot read', async () => {
    const flac = Buffer.concat([Buffer.from('\x7fFLAC'), Buffer.alloc(20)])
    const cases: [Uint8Array<ArrayBuffer>, string][] = [
      [new Uint8Array(0), 'the file is empty'],
      [new Uint8Array(100), 'not an Ogg file'],
      [new Uint8Array(20), 'truncated'],
      [rePage([flac]), 'FLAC in Ogg is not supported'],
      [rePage([Buffer.from('Speex   ')]), 'Speex is not supported'],
      [rePage(packetsOf(bytesOf('vorbis.ogg')).slice(0, 2)), 'the headers are not complete'],
      [rePage(packetsOf(bytesOf('vorbis.ogg')).slice(0, 3)), 'the file holds no samples'],
      [new Uint8Array(Buffer.concat([bytesOf('vorbis.ogg'), bytesOf('opus.opus')])), 'another stream follows'],
    ]
    for (const [bytes, message] of cases) expect((await refusal(bytes)).message).toContain(message)
  })

  it.each(NAMES)('ends in samples or a typed error for any packets in the pages of %s', async name => {
    const packets = packetsOf(bytesOf(name))
    const change = fc.tuple(fc.nat(packets.length - 1), fc.nat(5000), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(2), async (changes, dropped) => {
        const broken = packets.map(packet => packet.slice())
        for (const [packet, at, value] of changes) {
          if (broken[packet].length > 0) broken[packet][at % broken[packet].length] = value
        }
        if (dropped > 0) broken.splice(dropped, 1)
        const before = process.memoryUsage().arrayBuffers
        try {
          const { samples, channels } = await decode(rePage(broken))
          expect(samples.length).toBeLessThan(packets.length * 8192)
          expect(channels).toBeGreaterThan(0)
        } catch (error) {
          if (!(error instanceof AuscultError)) throw error
        }
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27)
      }),
      { numRuns: 150 },
    )
  })
})
