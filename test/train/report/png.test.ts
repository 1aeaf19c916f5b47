import { crc32, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heatmapUri } from '../../../src/train/report/heatmap.ts'
import { encodePng } from '../../../src/train/report/png.ts'

/** Reads chunks as ISO/IEC 15948 lays them out, and the rows with filter 0. */
function decode(png: Buffer) {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const chunks: Record<string, Buffer> = {}
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const body = png.subarray(at + 4, at + 8 + length)
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body))
    chunks[body.toString('latin1', 0, 4)] = body.subarray(4)
    at += 12 + length
  }
  expect(chunks.IEND).toHaveLength(0)
  const [width, height] = [chunks.IHDR.readUInt32BE(0), chunks.IHDR.readUInt32BE(4)]
  const rows = inflateSync(chunks.IDAT)
  const pixels: number[] = []
  for (let y = 0; y < height; y++) {
    expect(rows[y * (width + 1)]).toBe(0)
    pixels.push(...rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)))
  }
  return { width, height, pixels, palette: chunks.PLTE }
}

describe('encodePng', () => {
  it('keeps every pixel and the palette', () => {
    const size = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(size, size, fc.nat(), (width, height, seed) => {
        const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * 31 + seed) % 4)
        const palette = Uint8Array.from({ length: 12 }, (_, i) => i * 20)
        const image = decode(encodePng(pixels, width, height, palette))
        expect([image.width, image.height]).toEqual([width, height])
        expect(image.pixels).toEqual([...pixels])
        expect([...image.palette]).toEqual([...palette])
      }),
    )
  })
})

describe('heatmapUri', () => {
  const image = (options: object) => {
    const uri = heatmapUri({ values: [0, 5, 10, 20], rows: 2, columns: 2, low: 0, high: 10, ...options })
    return decode(Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64'))
  }

  it('scales values to the palette, those beyond it to its end', () => {
    expect(image({}).pixels).toEqual([0, 128, 255, 255])
    expect(image({ low: 3, high: 3 }).pixels).toEqual([0, 0, 0, 0])
  })

  it('draws the last row on top when told so', () => {
    expect(image({ upwards: true }).pixels).toEqual([255, 255, 0, 128])
  })

  it('goes from dark to light, or through neutral', () => {
    const light = (palette: Buffer, i: number) => palette[3 * i] + palette[3 * i + 1] + palette[3 * i + 2]
    const sequential = image({}).palette
    for (let i = 51; i < 256; i += 51) expect(light(sequential, i)).toBeGreaterThan(light(sequential, i - 51))
    const diverging = image({ colours: 'diverging' }).palette
    expect(light(diverging, 128)).toBeGreaterThan(Math.max(light(diverging, 0), light(diverging, 255)))
  })
})
