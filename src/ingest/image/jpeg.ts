import type { ByteSource } from '../bytes.ts'
import type { Frames } from '../frames.ts'
import { type ImageSize, imageFrame, imageInvalid, type Pixels } from './image.ts'
import { type JpegCodec, jpegCodec } from './jpeg-codec.ts'

const MAX_SEGMENTS = 4096
/** Markers without a length after them. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
/** Start of a frame, of any process; 0xc4, 0xc8 and 0xcc are tables and extensions. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/**
 * A JPEG picture of 8 bits, grey or colour.
 * @throws AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE; on reading, AUSCULT_INPUT_INVALID for a damaged or truncated picture
 */
export async function openJpeg(file: ByteSource, declared?: readonly number[]): Promise<Frames> {
  const size = readHeader(file)
  const codec = await jpegCodec()
  return imageFrame(file, size, declared, () => decode(file, codec, size))
}

function readHeader(file: ByteSource): ImageSize {
  if (file.size === 0) throw imageInvalid(file, 'the file is empty')
  if (file.size < 4 || file.read(0, 2).join() !== '255,216') throw imageInvalid(file, 'not a JPEG file: no SOI marker')
  let position = 2
  for (let segment = 0; segment < MAX_SEGMENTS && position + 4 <= file.size; segment++) {
    const [fill, marker, high, low] = file.read(position, 4)
    if (fill !== 0xff) throw imageInvalid(file, `no marker where one should be, at byte ${position}`)
    if (marker === 0xff) position++
    else if (isBare(marker)) position += 2
    else if (isFrame(marker) && position + 10 <= file.size) return frameSize(file, file.read(position + 4, 6))
    else position += 2 + Math.max(2, high * 256 + low)
  }
  throw imageInvalid(file, 'truncated: the header is not complete')
}

function frameSize(file: ByteSource, [bits, h1, h0, w1, w0, components]: Uint8Array): ImageSize {
  if (bits !== 8 || (components !== 1 && components !== 3)) {
    throw imageInvalid(
      file,
      `a picture of ${components} components of ${bits} bits is not supported`,
      'Convert it to 8-bit grey or RGB.',
    )
  }
  return { width: w1 * 256 + w0, height: h1 * 256 + h0, color: components === 3 }
}

function decode(file: ByteSource, codec: JpegCodec, { width, height, color }: ImageSize): Pixels {
  let pixels: Pixels
  try {
    pixels = codec.decode(file.read(0, file.size))
  } catch (cause) {
    throw imageInvalid(file, 'the picture is damaged or truncated', undefined, cause)
  }
  if (pixels.channels === (color ? 3 : 1) && pixels.data.length === width * height * pixels.channels) return pixels
  throw imageInvalid(file, 'the picture has another size than its header says')
}
