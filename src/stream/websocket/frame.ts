const TEXT = 0x81
const TWO_BYTES = 126
const EIGHT_BYTES = 127

/**
 * A message as it goes over the wire: one unmasked text frame (RFC 6455, section 5.2). Made once, it is written to any number of clients.
 */
export function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text)
  const head = size < TWO_BYTES ? 2 : size < 2 ** 16 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + size)
  frame[0] = TEXT
  if (head === 2) frame[1] = size
  else if (head === 4) {
    frame[1] = TWO_BYTES
    frame.writeUInt16BE(size, 2)
  } else {
    frame[1] = EIGHT_BYTES
    frame.writeBigUInt64BE(BigInt(size), 2)
  }
  frame.write(text, head)
  return frame
}
