import { AuscultError } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'
import { afterId3 } from '../id3.ts'

/** What the first frame of an mp3 file says. */
export interface MpegInfo {
  readonly channels: number
  /** Samples of the whole, where an encoder wrote them down (Xing or Info header). */
  readonly samples: number | undefined
  /** How many samples `samples` may be off: 0 where the encoder also wrote what it added. */
  readonly tolerance: number
  /** Position of the first frame, and of the tags after the last. */
  readonly from: number
  readonly to: number
}

interface FrameHeader {
  readonly version: number
  readonly channels: number
  readonly samples: number
  readonly bytes: number
}

/** How far after the tags the first frame may lie. */
const SEARCH_BYTES = 65536
const MPEG_1 = 3
const LAYER_III = 1
/** kbit/s by version, layer and index. */
const BITRATES: Record<string, readonly number[]> = {
  '1-1': [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1-2': [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1-3': [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2-1': [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2-2': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}
const RATES = [44_100, 48_000, 32_000]

/** @throws AUSCULT_INPUT_INVALID when there are no two frames in a row near the beginning */
export function readMpegHeader(file: ByteSource): MpegInfo {
  if (file.size === 0) throw mpegInvalid(file, 0, 'the file is empty')
  const start = Math.min(afterId3(file), file.size)
  const bytes = file.read(start, Math.min(SEARCH_BYTES, file.size - start))
  for (let i = bytes.indexOf(0xff); i >= 0; i = bytes.indexOf(0xff, i + 1)) {
    const header = frameHeader(bytes, i)
    if (!header) continue
    const next = i + header.bytes
    if (next < bytes.length && !frameHeader(bytes, next)) continue
    const { channels } = header
    return { channels, ...declaredSamples(bytes, i, header), from: start + i, to: beforeTags(file) }
  }
  throw mpegInvalid(file, start, 'not an mp3 file: no frames')
}

function frameHeader(bytes: Uint8Array, at: number): FrameHeader | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || bytes[at + 1] < 0xe0) return undefined
  const version = (bytes[at + 1] >> 3) & 3
  const layer = 4 - ((bytes[at + 1] >> 1) & 3)
  const bitrate = BITRATES[version === MPEG_1 ? `1-${layer}` : `2-${Math.min(layer, 2)}`]?.[bytes[at + 2] >> 4]
  const rate = RATES[(bytes[at + 2] >> 2) & 3]
  if (version === 1 || layer === 4 || !bitrate || !rate) return undefined
  const sampleRate = version === MPEG_1 ? rate : version === 2 ? rate / 2 : rate / 4
  const padding = (bytes[at + 2] >> 1) & 1
  const samples = layer === 1 ? 384 : layer === 3 && version !== MPEG_1 ? 576 : 1152
  const slots = Math.floor(((samples / 8) * bitrate * 1000) / sampleRate)
  const size = layer === 1 ? Math.floor(slots / 4) * 4 + 4 * padding : slots + padding
  return { version, channels: bytes[at + 3] >> 6 === 3 ? 1 : 2, samples, bytes: size }
}

/** The Xing or Info header that encoders put into a first frame without sound, with LAME's count of added samples. */
function declaredSamples(bytes: Uint8Array, at: number, { version, channels, samples }: FrameHeader) {
  const sideInfo = version === MPEG_1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17
  const tag = at + 4 + sideInfo
  const name = String.fromCharCode(...bytes.subarray(tag, tag + 4))
  const isLayer3 = ((bytes[at + 1] >> 1) & 3) === LAYER_III
  const complete = tag + 144 <= bytes.length
  if (!isLayer3 || !complete || (name !== 'Xing' && name !== 'Info') || !(bytes[tag + 7] & 1)) {
    return { samples: undefined, tolerance: 0 }
  }
  const frames = new DataView(bytes.buffer, bytes.byteOffset).getUint32(tag + 8)
  const delay = bytes[tag + 141] * 16 + (bytes[tag + 142] >> 4)
  const padding = (bytes[tag + 142] & 15) * 256 + bytes[tag + 143]
  const known = (bytes[tag + 7] & 15) === 15 && delay + padding > 0
  return known
    ? { samples: frames * samples - delay - padding, tolerance: 0 }
    : { samples: frames * samples, tolerance: 4 * 1152 }
}

/** Where the tags begin that lie after the sound: ID3v1 in the last 128 bytes, APE before it. */
function beforeTags(file: ByteSource): number {
  let end = file.size
  const text = (at: number, n: number) => (at >= 0 ? String.fromCharCode(...file.read(at, n)) : '')
  if (text(end - 128, 3) === 'TAG') end -= 128
  if (text(end - 32, 8) === 'APETAGEX') {
    const footer = file.read(end - 32, 32)
    const view = new DataView(footer.buffer, footer.byteOffset)
    const hasHeader = view.getUint32(20, true) >= 2 ** 31
    end -= view.getUint32(12, true) + (hasHeader ? 32 : 0)
  }
  return Math.max(0, end)
}

export const mpegInvalid = (
  file: ByteSource,
  byte: number,
  message: string,
  remedy = 'Copy or convert the file again.',
) => new AuscultError('AUSCULT_INPUT_INVALID', message, { at: `${file.name}:${byte}`, remedy })
