import { PNG, type PNGOptions } from 'pngjs'
import { messageOf } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'
import type { Frames } from '../frames.ts'
import { type ImageSize, imageFrame, imageInvalid, type Pixels } from './image.ts'

const SIGNATURE = '\x89PNG\r\n\x1a\n'
const HAS_COLOR = 2
/** Red, green, blue and transparency, whatever the file has. */
const CHANNELS = 4

/**
 * A PNG picture: grey, RGB or palette. 16 bits stay 16 bits, fewer than 8 are scaled to 8.
 * @throws AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE; on reading, AUSCULT_INPUT_INVALID for a damaged picture
 */
export function openPng(file: ByteSource, declared?: readonly number[]): Frames {
  const { depth, ...size } = readHeader(file)
  return imageFrame(file, size, declared, () => decode(file, depth === 16))
}

function readHeader(file: ByteSource): ImageSize & { depth: number } {
  if (file.size === 0) throw imageInvalid(file, 'the file is empty')
  const head = file.read(0, Math.min(33, file.size))
  const text = (from: number, to: number) => String.fromCharCode(...head.subarray(from, to))
  if (text(0, 8) !== SIGNATURE) throw imageInvalid(file, 'not a PNG file: no PNG signature')
  if (head.length < 33 || text(12, 16) !== 'IHDR') throw imageInvalid(file, 'the header is cut short')
  const view = new DataView(head.buffer, head.byteOffset)
  if (head[28] !== 0) {
    // The library inflates interlaced pictures without a bound.
    throw imageInvalid(file, 'interlaced PNG files are not supported', 'Save it without interlacing.')
  }
  return { width: view.getUint32(16), height: view.getUint32(20), depth: head[24], color: (head[25] & HAS_COLOR) !== 0 }
}

function decode(file: ByteSource, deep: boolean): Pixels {
  const options: PNGOptions = { skipRescale: deep }
  try {
    return { data: PNG.sync.read(Buffer.from(file.read(0, file.size)), options).data, channels: CHANNELS }
  } catch (cause) {
    throw imageInvalid(file, `the picture is damaged: ${messageOf(cause)}`, undefined, cause)
  }
}
