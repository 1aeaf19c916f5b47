import { corrupt, type Decompress, tooLarge } from './bounds.ts'
import { copyLiterals, copyMatch } from './copies.ts'
import { xxh32 } from './xxh32.ts'

const FRAME = 0x184d2204
const SKIPPABLE = 0x184d2a50
const STORED = 0x80000000
const MIN_MATCH = 4

interface Block {
  readonly bytes: Uint8Array
  readonly stored: boolean
  /** Bytes that it becomes. */
  readonly size: number
}

interface Frame {
  readonly blocks: readonly Block[]
  readonly size: number
  /** Blocks may copy from those before them. */
  readonly linked: boolean
  readonly checksum: number | undefined
  /** Where the next frame begins. */
  readonly end: number
}

/**
 * LZ4 frames (lz4_Frame_format.md 1.6, lz4_Block_format.md), as Kafka's clients write them. What the blocks become is counted first, so
 * that nothing is allocated for a batch beyond the limit. Checksums are verified where there are some.
 */
export const decompressLz4: Decompress = (bytes, limit) => {
  const frames: Frame[] = []
  let total = 0
  for (let at = 0; at < bytes.length; ) {
    const frame = readFrame(bytes, at, limit - total)
    frames.push(frame)
    total += frame.size
    at = frame.end
  }
  const out = Buffer.allocUnsafeSlow(total)
  let to = 0
  for (const { blocks, size, linked, checksum } of frames) {
    const start = to
    for (const block of blocks) {
      if (block.stored) out.set(block.bytes, to)
      else decodeBlock(block.bytes, out, linked ? start : to, to)
      to += block.size
    }
    if (checksum !== undefined && xxh32(out.subarray(start, start + size)) !== checksum) {
      throw corrupt('lz4', 'the checksum differs')
    }
  }
  return out
}

function readFrame(bytes: Uint8Array, start: number, limit: number): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const need = (at: number, count: number) => {
    if (at + count > bytes.length) throw corrupt('lz4', `cut short at ${bytes.length}`)
    return at
  }
  const magic = view.getUint32(need(start, 8), true)
  if ((magic & 0xfffffff0) === SKIPPABLE) {
    const size = view.getUint32(start + 4, true)
    return { blocks: [], size: 0, linked: false, checksum: undefined, end: need(start + 8, size) + size }
  }
  if (magic !== FRAME) throw corrupt('lz4', 'no frame begins here')
  const flags = bytes[start + 4]
  const descriptor = bytes[start + 5]
  const blockMax = 2 ** (2 * ((descriptor >> 4) & 7) + 8)
  if (flags >> 6 !== 1 || (flags & 2) !== 0 || (descriptor & 0x8f) !== 0 || blockMax < 65536) {
    throw corrupt('lz4', 'a frame of another version')
  }
  if (flags & 1) throw corrupt('lz4', 'it needs a dictionary')
  const hasSize = (flags & 8) !== 0
  let at = need(start + 6 + (hasSize ? 8 : 0), 1)
  if (bytes[at] !== ((xxh32(bytes.subarray(start + 4, at)) >> 8) & 0xff)) throw corrupt('lz4', 'a damaged frame header')
  at++
  const blocks: Block[] = []
  let size = 0
  for (;;) {
    const word = view.getUint32(need(at, 4), true)
    at += 4
    if (word === 0) break
    const stored = word >= STORED
    const length = stored ? word - STORED : word
    const block = bytes.subarray(need(at, length), at + length)
    at += length
    const becomes = stored ? length : measureBlock(block)
    if (becomes > blockMax) throw corrupt('lz4', `a block of ${becomes} bytes where ${blockMax} are the most`)
    size += becomes
    if (size > limit) throw tooLarge('lz4', limit)
    blocks.push({ bytes: block, stored, size: becomes })
    if (flags & 16) {
      if (view.getUint32(need(at, 4), true) !== xxh32(block)) throw corrupt('lz4', "a block's checksum differs")
      at += 4
    }
  }
  if (hasSize && Number(view.getBigUint64(start + 6, true)) !== size) throw corrupt('lz4', 'not as long as it says')
  const checksum = flags & 4 ? view.getUint32(need(at, 4), true) : undefined
  return { blocks, size, linked: (flags & 32) === 0, checksum, end: at + (flags & 4 ? 4 : 0) }
}

/** Adds up the lengths of a block's sequences, and checks that none runs over its end. */
function measureBlock(block: Uint8Array): number {
  let at = 0
  let size = 0
  const more = (length: number) => {
    if (length < 15) return length
    let total = length
    let byte: number
    do {
      if (at >= block.length) throw corrupt('lz4', 'a length runs over the end of a block')
      byte = block[at++]
      total += byte
    } while (byte === 255)
    return total
  }
  while (at < block.length) {
    const token = block[at++]
    const literals = more(token >> 4)
    at += literals
    size += literals
    if (at >= block.length) break
    at += 2
    if (at > block.length) throw corrupt('lz4', 'a block ends within a sequence')
    size += more(token & 15) + MIN_MATCH
  }
  if (at !== block.length) throw corrupt('lz4', 'literals run over the end of a block')
  return size
}

/** Decodes a measured block to `out` at `to`. Copies may reach back to `start`. */
function decodeBlock(block: Uint8Array, out: Buffer, start: number, to: number): void {
  let at = 0
  let end = to
  while (at < block.length) {
    const token = block[at++]
    let literals = token >> 4
    if (literals === 15) {
      let byte: number
      do {
        byte = block[at++]
        literals += byte
      } while (byte === 255)
    }
    copyLiterals(block, at, out, end, literals)
    at += literals
    end += literals
    if (at >= block.length) return
    const distance = block[at] | (block[at + 1] << 8)
    at += 2
    let length = token & 15
    if (length === 15) {
      let byte: number
      do {
        byte = block[at++]
        length += byte
      } while (byte === 255)
    }
    length += MIN_MATCH
    if (distance === 0 || distance > end - start) throw corrupt('lz4', 'a copy from before the beginning')
    copyMatch(out, end, distance, length)
    end += length
  }
}
