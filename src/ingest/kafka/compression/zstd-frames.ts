import { corrupt, tooLarge } from './bounds.ts'

export interface ZstdFrame {
  /** The frame with its checksum; its window is cut down to what it can need. */
  readonly bytes: Uint8Array
  /** Bytes that it becomes, where it says so. */
  readonly size: number | undefined
}

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const MAX_BLOCK = 131072

/**
 * Takes Zstandard data (RFC 8878, section 3.1.1) apart into frames, and checks by the headers of their blocks what they can become, before
 * a decoder allocates a window or an output for them.
 * @throws AUSCULT_INPUT_INVALID
 */
export function boundedFrames(bytes: Uint8Array, limit: number): ZstdFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: ZstdFrame[] = []
  let total = 0
  let at = 0
  const need = (count: number) => {
    if (at + count > bytes.length) throw corrupt('zstd', `cut short at ${bytes.length}`)
  }
  while (at < bytes.length) {
    need(8)
    const magic = view.getUint32(at, true)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      const size = view.getUint32(at + 4, true)
      at += 8
      need(size)
      at += size
      continue
    }
    if (magic !== MAGIC) throw corrupt('zstd', 'no frame begins here')
    const start = at
    const head = readHeader(view, start)
    at += head.length
    let most = 0
    for (let last = false; !last; ) {
      need(3)
      const word = view.getUint16(at, true) | (bytes[at + 2] << 16)
      last = (word & 1) === 1
      const type = (word >> 1) & 3
      const size = word >> 3
      if (type === 3 || size > MAX_BLOCK) throw corrupt('zstd', 'a block of no kind')
      at += 3
      const stored = type === 1 ? 1 : size
      need(stored)
      at += stored
      most += type === 2 ? Math.min(MAX_BLOCK, head.window) : size
    }
    if (head.checksum) need(4)
    at += head.checksum ? 4 : 0
    if (head.size !== undefined && head.size > most) throw corrupt('zstd', `${head.size} bytes in blocks for ${most}`)
    total += head.size ?? 0
    if (total > limit) throw tooLarge('zstd', limit)
    frames.push({ bytes: withWindow(bytes.subarray(start, at), head, most, limit), size: head.size })
  }
  return frames
}

interface Header {
  readonly length: number
  readonly size: number | undefined
  readonly window: number
  /** Whether it has a window of its own: else the window is the content. */
  readonly windowed: boolean
  readonly checksum: boolean
}

function readHeader(view: DataView, start: number): Header {
  const flags = view.getUint8(start + 4)
  const single = (flags & 0x20) !== 0
  if (flags & 8) throw corrupt('zstd', 'a frame of another version')
  if (flags & 3) throw corrupt('zstd', 'it needs a dictionary')
  const sizeBytes = flags >> 6 ? 1 << (flags >> 6) : single ? 1 : 0
  const sizeAt = start + 5 + (single ? 0 : 1)
  if (sizeAt + sizeBytes > view.byteLength) throw corrupt('zstd', `cut short at ${view.byteLength}`)
  const size = readSize(view, sizeAt, sizeBytes)
  const descriptor = view.getUint8(start + 5)
  const base = 2 ** (10 + (descriptor >> 3))
  const window = single ? (size as number) : base + (base / 8) * (descriptor & 7)
  return { length: sizeAt + sizeBytes - start, size, window, windowed: !single, checksum: (flags & 4) !== 0 }
}

function readSize(view: DataView, at: number, bytes: number): number | undefined {
  if (bytes === 1) return view.getUint8(at)
  if (bytes === 2) return view.getUint16(at, true) + 256
  if (bytes === 4) return view.getUint32(at, true)
  return bytes === 8 ? Number(view.getBigUint64(at, true)) : undefined
}

/** The same frame with a window no larger than its content can be, so that a few bytes do not claim many megabytes. */
function withWindow(frame: Uint8Array, { windowed, window, size }: Header, most: number, limit: number): Uint8Array {
  const enough = Math.max(MAX_BLOCK, Math.min(size ?? most, limit))
  if (!windowed || window <= enough) return frame
  const exponent = Math.ceil(Math.log2(enough))
  if (2 ** exponent >= window) return frame
  const copy = frame.slice()
  copy[5] = (exponent - 10) << 3
  return copy
}
