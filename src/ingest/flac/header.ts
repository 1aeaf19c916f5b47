import { AuscultError } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'
import { afterId3 } from '../id3.ts'

/** What the STREAMINFO block of a FLAC file says. */
export interface FlacInfo {
  readonly sampleRate: number
  readonly channels: number
  readonly bitsPerSample: number
  /** Samples of each channel; 0 where the encoder did not know. */
  readonly totalSamples: number
  /** Samples of a frame, all but the last, in streams of a fixed block size. */
  readonly blockSize: number
  /** Bytes that a frame takes at most. */
  readonly maxFrameBytes: number
  /** Position of the first frame in the file. */
  readonly dataOffset: number
}

const MAX_BLOCKS = 4096
/** Of a frame header and footer. */
const FRAME_OVERHEAD = 64

/**
 * Reads the metadata of a native FLAC file (RFC 9639, section 8), after an ID3v2 tag if there is one.
 * @throws AUSCULT_INPUT_INVALID with the byte position
 */
export function readFlacHeader(file: ByteSource): FlacInfo {
  if (file.size === 0) throw flacInvalid(file, 0, 'the file is empty')
  const start = afterId3(file)
  const magic = start + 4 <= file.size ? String.fromCharCode(...file.read(start, 4)) : ''
  if (magic === 'OggS') throw flacInvalid(file, start, 'this is an Ogg file', 'Name it .ogg, or declare `format: ogg`.')
  if (magic !== 'fLaC') throw flacInvalid(file, start, 'not a FLAC file: no fLaC tag')
  let info: Omit<FlacInfo, 'dataOffset'> | undefined
  let position = start + 4
  for (let block = 0; block < MAX_BLOCKS && position + 4 <= file.size; block++) {
    const [head, a, b, c] = file.read(position, 4)
    const length = a * 65536 + b * 256 + c
    const body = position + 4
    if (body + length > file.size) throw flacInvalid(file, position, 'the metadata is cut short')
    if ((head & 127) === 0) info = readStreamInfo(file, body, length)
    if (!info) throw flacInvalid(file, position, 'the first block is no STREAMINFO')
    position = body + length
    if (head >= 128) return { ...info, dataOffset: position }
  }
  throw flacInvalid(file, position, 'the metadata does not end')
}

function readStreamInfo(file: ByteSource, body: number, length: number): Omit<FlacInfo, 'dataOffset'> {
  if (length < 34) throw flacInvalid(file, body, `a STREAMINFO block of ${length} bytes is too short`)
  const bytes = file.read(body, 34)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blockSize = view.getUint16(2)
  const packed = view.getUint32(10)
  const sampleRate = packed >>> 12
  const channels = ((packed >>> 9) & 7) + 1
  const bitsPerSample = ((packed >>> 4) & 31) + 1
  const totalSamples = (packed & 15) * 2 ** 32 + view.getUint32(14)
  if (sampleRate === 0) throw flacInvalid(file, body + 10, 'a sample rate of zero')
  if (bitsPerSample < 4) throw flacInvalid(file, body + 12, `${bitsPerSample} bits per sample are not allowed`)
  if (blockSize < 16) throw flacInvalid(file, body + 2, `a block size of ${blockSize} is not allowed`)
  const verbatim = Math.ceil((blockSize * channels * (bitsPerSample + 1)) / 8) + FRAME_OVERHEAD
  const declared = view.getUint8(7) * 65536 + view.getUint16(8)
  const maxFrameBytes = declared === 0 ? verbatim : Math.min(declared, verbatim)
  return { sampleRate, channels, bitsPerSample, totalSamples, blockSize, maxFrameBytes }
}

export const flacInvalid = (
  file: ByteSource,
  byte: number,
  message: string,
  remedy = 'Copy or convert the file again.',
) => new AuscultError('AUSCULT_INPUT_INVALID', message, { at: `${file.name}:${byte}`, remedy })
