import { corrupt, type Decompress, tooLarge } from './bounds.ts'
import { copyLiterals, copyMatch } from './copies.ts'

/** The head of snappy-java's stream, which Kafka's Java clients write: eight bytes, two versions, then blocks with their lengths. */
const XERIAL = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0)
const XERIAL_HEAD = 16
/** A copy of 64 bytes takes three: no block can hold more than this many times its size. */
const MAX_RATIO = 22

/**
 * Snappy (google/snappy, format_description.txt), as Kafka knows it: one raw block, as librdkafka sends, or the blocks of snappy-java's
 * stream. All lengths are checked before anything is allocated.
 */
export const decompressSnappy: Decompress = (bytes, limit) => {
  const blocks = isXerial(bytes) ? xerialBlocks(bytes) : [bytes]
  const sizes = blocks.map(sizeOf)
  const total = sizes.reduce((sum, { size }) => sum + size, 0)
  if (total > limit) throw tooLarge('snappy', limit)
  const out = Buffer.allocUnsafeSlow(total)
  let end = 0
  for (const [i, block] of blocks.entries()) {
    const { size, body } = sizes[i]
    decodeBlock(block, body, out, end, end + size)
    end += size
  }
  return out
}

const isXerial = (bytes: Uint8Array) => bytes.length >= XERIAL_HEAD && XERIAL.every((byte, i) => bytes[i] === byte)

function xerialBlocks(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; ) {
    if (isXerial(bytes.subarray(at, at + XERIAL_HEAD))) {
      at += XERIAL_HEAD
      continue
    }
    const size = at + 4 <= bytes.length ? view.getInt32(at) : -1
    at += 4
    if (size <= 0 || at + size > bytes.length) throw corrupt('snappy', `a block of ${size} bytes at ${at - 4}`)
    blocks.push(bytes.subarray(at, at + size))
    at += size
  }
  return blocks
}

/** The varint at a block's head. */
function sizeOf(block: Uint8Array): { size: number; body: number } {
  let size = 0
  for (let i = 0; i < 5 && i < block.length; i++) {
    size += (block[i] & 0x7f) * 2 ** (7 * i)
    if (block[i] < 0x80) {
      if (size > block.length * MAX_RATIO) throw corrupt('snappy', `${size} bytes in a block of ${block.length}`)
      return { size, body: i + 1 }
    }
  }
  throw corrupt('snappy', 'no length at the head of a block')
}

function decodeBlock(block: Uint8Array, body: number, out: Buffer, start: number, end: number): void {
  let from = body
  let to = start
  while (from < block.length) {
    const tag = block[from++]
    const kind = tag & 3
    let length = (tag >> 2) + 1
    let distance = 0
    if (kind === 0 && length > 60) {
      const extra = length - 60
      length = 1 + littleEndian(block, from, extra)
      from += extra
    } else if (kind === 1) {
      length = ((tag >> 2) & 7) + 4
      distance = ((tag >> 5) << 8) | block[from++]
    } else if (kind === 2) {
      distance = block[from] + block[from + 1] * 256
      from += 2
    } else if (kind === 3) {
      distance = littleEndian(block, from, 4)
      from += 4
    }
    if (kind === 0) {
      // Written so that a NaN, from bytes that are not there, is refused too.
      if (!(from + length <= block.length && to + length <= end)) throw corrupt('snappy', 'literals run over the end')
      copyLiterals(block, from, out, to, length)
      from += length
    } else {
      if (!(distance > 0 && distance <= to - start && to + length <= end)) {
        throw corrupt('snappy', 'a copy from outside the block')
      }
      copyMatch(out, to, distance, length)
    }
    to += length
  }
  if (to !== end || from !== block.length) throw corrupt('snappy', `a block ends ${end - to} bytes early`)
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value += bytes[at + i] * 2 ** (8 * i)
  return value
}
