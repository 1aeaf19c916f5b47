import { AuscultError } from '../../../errors.ts'
import type { MessageHeaders } from '../payload/message.ts'

/**
 * The head of a record batch (Kafka message format 2, which lies before the compressed records in the same buffer): base offset 8 bytes, length 4, leader
 * epoch 4, magic 1, CRC 4, attributes 2, last offset delta 4, two timestamps 16, producer id 8, epoch 2, sequence 4, count 4.
 */
const HEAD = 61
const LENGTH_AT = 8
const MAGIC_AT = 16
const LAST_DELTA_AT = 23
const COUNT_AT = 57
const MAGIC = 2

/** The header that marks a stand-in and says why. */
const HEADER = 'auscult-undecodable'
const MAX_REASON = 120

/** Whether a message stands for one of a batch that could not be decompressed. */
export const isPoisoned = (headers: MessageHeaders | undefined): boolean =>
  headers !== undefined && Object.hasOwn(headers, HEADER)

/** Why the batch of a message that `isPoisoned` could not be decompressed. */
export const poisonOf = (headers: MessageHeaders | undefined, at: string): AuscultError =>
  new AuscultError('AUSCULT_INPUT_INVALID', `it came in ${String(headers?.[HEADER])}`, {
    at,
    remedy: 'Look at the producer and its compression; these messages are left out.',
  })

/** The head of the batch that these compressed records are of, if they lie behind one. */
function headOf(compressed: Buffer): DataView | undefined {
  const start = compressed.byteOffset - HEAD
  if (start < 0) return undefined
  const head = new DataView(compressed.buffer, start, HEAD)
  const whole = head.getInt32(LENGTH_AT) === HEAD - LENGTH_AT - 4 + compressed.length
  return whole && head.getInt8(MAGIC_AT) === MAGIC ? head : undefined
}

/** How many records the batch says it has; undefined where that cannot be seen. */
export const recordCount = (compressed: Buffer): number | undefined => headOf(compressed)?.getInt32(COUNT_AT)

/** Whether these bytes are exactly so many records, going by the length at the head of each. */
export function holdsRecords(records: Buffer, count: number): boolean {
  let at = 0
  for (let i = 0; i < count; i++) {
    let length = 0
    let byte = 0x80
    for (let shift = 0; byte >= 0x80; shift += 7) {
      if (at >= records.length || shift > 28) return false
      byte = records[at++]
      length |= (byte & 0x7f) << shift
    }
    if (length & 1 || length === 0) return false
    at += length >>> 1
    if (at > records.length) return false
  }
  return at === records.length
}

/**
 * Records without key and value in place of those of a batch, each with the reason as a header. They take the offsets from the first
 * on, the last one that of the batch (a compacted topic has fewer records than offsets).
 * @returns undefined when even they would be more than `limit` bytes
 */
export function standIns(compressed: Buffer, count: number, reason: Error, limit: number): Buffer | undefined {
  const lastDelta = headOf(compressed)?.getInt32(LAST_DELTA_AT) ?? count - 1
  const name = Buffer.from(HEADER)
  const value = Buffer.from(reason.message).subarray(0, MAX_REASON)
  const tail = Buffer.concat([Buffer.from([1, 1, 2]), varint(name.length), name, varint(value.length), value])
  const most = tail.length + 12
  if (count * most > limit) return undefined
  const out = Buffer.alloc(count * most)
  let to = 0
  const put = (bytes: Buffer) => {
    to += bytes.copy(out, to)
  }
  for (let i = 0; i < count; i++) {
    const delta = varint(i === count - 1 ? Math.max(i, lastDelta) : i)
    put(varint(2 + delta.length + tail.length))
    put(Buffer.from([0, 0]))
    put(delta)
    put(tail)
  }
  return out.subarray(0, to)
}

/** A zigzag varint of a number ≥ 0. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}
