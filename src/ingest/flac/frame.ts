import { BitReader } from './bit-reader.ts'
import type { FlacInfo } from './header.ts'
import { decodeSubframe } from './subframe.ts'

/** One decoded frame of a FLAC stream. */
export interface FlacFrame {
  /** Number of its first sample in the stream. */
  readonly first: number
  /** One array of integers per channel, of equal lengths. */
  readonly channels: readonly Float64Array[]
  /** Bytes that it takes in the file. */
  readonly bytes: number
}

interface FrameHeader {
  readonly first: number
  readonly blockSize: number
  readonly assignment: number
  readonly channels: number
  readonly bitsPerSample: number
}

const BITS_PER_SAMPLE = [0, 8, 12, -1, 16, 20, 24, 32]
const LEFT_SIDE = 8
const SIDE_RIGHT = 9
const MID_SIDE = 10

/**
 * Decodes the frame that starts at `start` (RFC 9639, section 9), if a whole one with a matching checksum does.
 * @param bytes a stretch of the file
 */
export function decodeFrame(bytes: Uint8Array, start: number, info: FlacInfo): FlacFrame | undefined {
  const reader = new BitReader(bytes, start)
  const header = readHeader(bytes, start, reader, info)
  if (!header) return undefined
  const { assignment, blockSize, bitsPerSample, first } = header
  const channels: Float64Array[] = []
  for (let i = 0; i < header.channels; i++) {
    const isSide = assignment === SIDE_RIGHT ? i === 0 : assignment >= LEFT_SIDE && i === 1
    const samples = decodeSubframe(reader, blockSize, bitsPerSample + (isSide ? 1 : 0))
    if (!samples) return undefined
    channels.push(samples)
  }
  reader.align()
  const end = reader.position
  const checksum = reader.read(16)
  if (reader.overrun || checksum !== crc16(bytes, start, end)) return undefined
  decorrelate(channels, assignment)
  return { first, channels, bytes: end + 2 - start }
}

function readHeader(bytes: Uint8Array, start: number, reader: BitReader, info: FlacInfo): FrameHeader | undefined {
  if (reader.read(15) !== 0x7ffc) return undefined
  const variable = reader.read(1) === 1
  const blockCode = reader.read(4)
  const rateCode = reader.read(4)
  const assignment = reader.read(4)
  const bits = BITS_PER_SAMPLE[reader.read(3)] || info.bitsPerSample
  const reserved = reader.read(1)
  const number = readCodedNumber(reader)
  const blockSize = readBlockSize(reader, blockCode)
  if (rateCode >= 12) reader.read(rateCode === 12 ? 8 : 16)
  const end = reader.position
  const checksum = reader.read(8)
  const channels = assignment < LEFT_SIDE ? assignment + 1 : 2
  const known = reserved === 0 && rateCode !== 15 && assignment <= MID_SIDE
  const fits = channels === info.channels && bits === info.bitsPerSample && blockSize > 0 && number !== undefined
  if (!known || !fits || reader.overrun || checksum !== crc8(bytes, start, end)) return undefined
  return { first: variable ? number : number * info.blockSize, blockSize, assignment, channels, bitsPerSample: bits }
}

/** A frame or sample number of up to 36 bits, coded as UTF-8 codes characters. */
function readCodedNumber(reader: BitReader): number | undefined {
  const lead = reader.read(8)
  if (lead < 128) return lead
  const following = Math.clz32(~(lead << 24)) - 1
  if (following < 1 || following > 6) return undefined
  let value = lead & (63 >> following)
  for (let i = 0; i < following; i++) {
    if (reader.read(2) !== 2) return undefined
    value = value * 64 + reader.read(6)
  }
  return value
}

function readBlockSize(reader: BitReader, code: number): number {
  if (code === 6) return reader.read(8) + 1
  if (code === 7) return reader.read(16) + 1
  if (code >= 8) return 2 ** code
  if (code >= 2) return 576 * 2 ** (code - 2)
  return code === 1 ? 192 : 0
}

/** Undoes left/side, side/right and mid/side coding, in place. */
function decorrelate([a, b]: readonly Float64Array[], assignment: number): void {
  if (assignment === LEFT_SIDE) for (let i = 0; i < a.length; i++) b[i] = a[i] - b[i]
  else if (assignment === SIDE_RIGHT) for (let i = 0; i < a.length; i++) a[i] += b[i]
  else if (assignment === MID_SIDE) {
    for (let i = 0; i < a.length; i++) {
      const sum = 2 * a[i] + (Math.abs(b[i]) % 2)
      a[i] = (sum + b[i]) / 2
      b[i] = (sum - b[i]) / 2
    }
  }
}

const CRC8 = table(0x07 << 24)
const CRC16 = table(0x8005 << 16)

/** Checksums of single bytes, in the upper bits of 32. */
function table(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ polynomial : crc << 1
    return crc
  })
}

function crc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0
  for (let i = from; i < to; i++) crc = CRC8[(crc >>> 24) ^ bytes[i]]
  return crc >>> 24
}

function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0
  for (let i = from; i < to; i++) crc = (crc << 8) ^ CRC16[(crc >>> 24) ^ bytes[i]]
  return crc >>> 16
}
