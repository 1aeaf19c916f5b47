import { AuscultError } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'

/** A packet of an Ogg stream. */
export interface OggPacket {
  readonly bytes: Uint8Array
  /** Where its last page starts in the file. */
  readonly position: number
  /** The codec's count of samples at the end of the page, for the last packet that ends on it. */
  readonly granule: number | undefined
  /** The stream ends with it. */
  readonly last: boolean
}

const HEADER = 27
const CONTINUED = 1
const BEGINS = 2
const ENDS = 4

/** No packet of sound is larger; setup headers have tens of kilobytes, comments with pictures some megabytes. */
const MAX_PACKET = 2 ** 24

interface Page {
  readonly position: number
  readonly flags: number
  readonly granule: number | undefined
  readonly serial: number
  /** Lengths of the pieces of packets in it; a piece of 255 goes on. */
  readonly lacing: Uint8Array
  readonly body: Uint8Array
}

/**
 * The packets of the first logical stream of an Ogg file (RFC 3533), read page by page.
 * @throws AUSCULT_INPUT_INVALID with the position of a damaged page, when the stream does not end, or when another follows it
 */
export function* oggPackets(file: ByteSource): Generator<OggPacket> {
  let serial: number | undefined
  let pieces: Uint8Array[] = []
  let size = 0
  for (let position = 0; position < file.size; ) {
    const page = readPage(file, position)
    position += HEADER + page.lacing.length + page.body.length
    serial ??= page.serial
    if (page.serial !== serial) continue
    if (pieces.length > 0 && !(page.flags & CONTINUED)) throw oggInvalid(file, page.position, 'a packet is cut short')
    const lastEnd = page.lacing.findLastIndex(length => length < 255)
    let from = 0
    for (const [i, length] of page.lacing.entries()) {
      pieces.push(page.body.subarray(from, from + length))
      from += length
      size += length
      if (size > MAX_PACKET) throw oggInvalid(file, page.position, `a packet of more than ${MAX_PACKET} bytes`)
      if (length === 255) continue
      const last = i === lastEnd && (page.flags & ENDS) !== 0
      const granule = i === lastEnd ? page.granule : undefined
      yield { bytes: pieces.length === 1 ? pieces[0] : Buffer.concat(pieces), position: page.position, granule, last }
      if (last) return assertLast(file, position)
      pieces = []
      size = 0
    }
    if (page.flags & ENDS) return
  }
  throw oggInvalid(file, file.size, 'truncated: the stream does not end', 'The file was cut short; copy it again.')
}

/** A second stream after the first would be lost without a word. */
function assertLast(file: ByteSource, position: number): void {
  if (position >= file.size) return
  if (readPage(file, position).flags & BEGINS) {
    throw oggInvalid(file, position, 'another stream follows the first', 'Cut the file into one file for each stream.')
  }
}

function readPage(file: ByteSource, position: number): Page {
  if (position + HEADER > file.size) throw cutShort(file, position)
  const head = file.read(position, HEADER)
  if (String.fromCharCode(...head.subarray(0, 4)) !== 'OggS' || head[4] !== 0) {
    throw oggInvalid(
      file,
      position,
      position === 0 ? 'not an Ogg file: no OggS tag' : 'no Ogg page where one should be',
    )
  }
  const segments = head[26]
  if (position + HEADER + segments > file.size) throw cutShort(file, position)
  const lacing = file.read(position + HEADER, segments)
  const length = lacing.reduce((sum, n) => sum + n, 0)
  if (position + HEADER + segments + length > file.size) throw cutShort(file, position)
  const page = file.read(position, HEADER + segments + length)
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  if (checksum(page) !== view.getUint32(22, true))
    throw oggInvalid(file, position, 'a page is damaged: its checksum differs')
  const granule = view.getBigInt64(6, true)
  return {
    position,
    flags: page[5],
    granule: granule < 0n ? undefined : Number(granule),
    serial: view.getUint32(14, true),
    lacing,
    body: page.subarray(HEADER + segments),
  }
}

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})

/** CRC-32 of a page with zeros in the place of its checksum. */
function checksum(page: Uint8Array): number {
  let crc = 0
  for (let i = 0; i < page.length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : page[i]
    crc = (crc << 8) ^ CRC[(crc >>> 24) ^ byte]
  }
  return crc >>> 0
}

const cutShort = (file: ByteSource, position: number) =>
  oggInvalid(file, position, 'truncated: the last page is cut short', 'The file was cut short; copy it again.')

export const oggInvalid = (
  file: ByteSource,
  byte: number,
  message: string,
  remedy = 'Copy or convert the file again.',
) => new AuscultError('AUSCULT_INPUT_INVALID', message, { at: `${file.name}:${byte}`, remedy })
