import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { memoryBytes } from '../../../src/ingest/bytes.ts'
import { type ArrayRecording, openRecording } from '../../../src/ingest/decode.ts'
import type { Frames } from '../../../src/ingest/frames.ts'
import { openJpeg } from '../../../src/ingest/image/jpeg.ts'
import { openPng } from '../../../src/ingest/image/png.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { errorOf } from '../../helpers/temporary.ts'
import { pngOf } from './png-of.ts'

const FOLDER = `${PROJECT}test/fixtures/image/`
const golden: Record<string, { shape: number[]; values: number[] }> = JSON.parse(
  readFileSync(`${FOLDER}golden.json`, 'utf8'),
)
const bytesOf = (name: string) => new Uint8Array(readFileSync(FOLDER + name))
const SIZE = [11, 13]

const open = (name: string, bytes: Uint8Array<ArrayBuffer>, shape?: number[]): Promise<Frames> | Frames =>
  name.endsWith('.png') ? openPng(memoryBytes(name, bytes), shape) : openJpeg(memoryBytes(name, bytes), shape)

const frame = async (name: string, shape?: number[]) => {
  const recording = (await openRecording(FOLDER + name, { shape })) as ArrayRecording
  return { shape: recording.shape, count: recording.count, values: [...recording.read(0)] }
}

async function refusal(name: string, bytes: Uint8Array<ArrayBuffer>, shape?: number[]): Promise<AuscultError> {
  const error = await errorOf(async () => (await open(name, bytes, shape)).read(0))
  expect(error).toBeInstanceOf(AuscultError)
  return error as AuscultError
}

describe('pictures', () => {
  it.each(Object.keys(golden))('of %s are what Pillow decodes', async name => {
    const { shape, values } = golden[name]
    expect(await frame(name)).toEqual({ shape, count: 1, values })
  })

  it('give the luminance of colours where a frame has one channel', async () => {
    const { values } = golden['rgb8.png']
    const expected = Array.from({ length: 143 }, (_, i) => {
      const [red, green, blue] = values.slice(3 * i, 3 * i + 3)
      return 0.299 * red + 0.587 * green + 0.114 * blue
    })
    const grey = await frame('rgb8.png', SIZE)
    grey.values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 4)
    })
    expect((await frame('rgb8.png', [...SIZE, 1])).values).toEqual(grey.values)
  })

  it('give three equal channels of grey where a frame has three', async () => {
    const { values } = golden['grey8.jpg']
    expect((await frame('grey8.jpg', [...SIZE, 3])).values).toEqual(values.flatMap(value => [value, value, value]))
    expect((await frame('grey16.png', SIZE)).values).toEqual(golden['grey16.png'].values)
  })

  it('are refused where they have another size', async () => {
    for (const [name, shape] of [
      ['grey8.png', [13, 11]],
      ['rgb8.jpg', [11, 13, 4]],
      ['rgb8.jpg', [143]],
    ] as const) {
      const error = await refusal(name, bytesOf(name), [...shape])
      expect([error.code, error.at, error.message]).toEqual([
        'AUSCULT_INPUT_SHAPE',
        name,
        'the picture is 11 high and 13 wide',
      ])
    }
  })

  it.each(Object.keys(golden))('that end too early are refused: %s', async name => {
    const bytes = bytesOf(name)
    for (const length of [0, 1, 20, bytes.length >> 1, bytes.length - 20]) {
      expect((await refusal(name, bytes.slice(0, length))).code).toBe('AUSCULT_INPUT_INVALID')
    }
  })

  it('are measured before they are decoded', async () => {
    const huge = bytesOf('grey8.png')
    huge.set([0, 1, 0, 0, 0, 1, 0, 0], 16)
    expect((await refusal('a.png', huge)).message).toBe(
      '65536 × 65536 pixels are more than the 33554432 that are decoded',
    )
    const jpeg = bytesOf('grey8.jpg')
    const frameHeader = Buffer.from(jpeg).indexOf(Buffer.from([0xff, 0xc0]))
    jpeg.set([0xff, 0xff, 0xff, 0xff], frameHeader + 5)
    expect((await refusal('a.jpg', jpeg)).message).toContain('65535 × 65535 pixels')
  })

  it('that inflate to more than their size are stopped', async () => {
    const bomb = pngOf(2, 2, { data: deflateSync(Buffer.alloc(50_000_000)) })
    const before = process.memoryUsage().arrayBuffers
    expect((await refusal('bomb.png', bomb)).code).toBe('AUSCULT_INPUT_INVALID')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22)
    const interlaced = pngOf(2, 2, { interlace: 1, data: deflateSync(Buffer.alloc(6)) })
    expect((await refusal('a.png', interlaced)).remedy).toBe('Save it without interlacing.')
  })

  it.each(['rgb8.png', 'grey16.png', 'palette.png', 'rgb8.jpg', 'progressive.jpg'])(
    'end in a frame or a typed error for any bytes like %s',
    async name => {
      const seed = bytesOf(name)
      const change = fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 }))
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 6 }),
          fc.nat(seed.length),
          async (changes, cut) => {
            const bytes = seed.slice()
            for (const [at, value] of changes) bytes[at] = value
            const before = process.memoryUsage().arrayBuffers
            try {
              const frames = await open(name, cut % 4 === 0 ? bytes.slice(0, cut) : bytes)
              const size = frames.shape.reduce((product, n) => product * n, 1)
              if (size < 1e6) expect(frames.read(0).length).toBe(size)
            } catch (error) {
              if (!(error instanceof AuscultError)) throw error
            }
            expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27)
          },
        ),
        { numRuns: 300 },
      )
    },
  )
})
