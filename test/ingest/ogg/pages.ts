const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})

interface Options {
  /** A file with the same packets, whose granule positions are taken. */
  granules?: Uint8Array
  /** Added to the granule positions. */
  offset?: number
}

/** An Ogg file with one packet a page (packets below 65,025 bytes) and right checksums. */
export function rePage(
  packets: readonly Uint8Array[],
  { granules, offset = 0 }: Options = {},
): Uint8Array<ArrayBuffer> {
  const positions = granules ? granulesOf(granules) : []
  const pages = packets.map((packet, i) => {
    const segments = Math.floor(packet.length / 255) + 1
    const page = Buffer.alloc(27 + segments + packet.length)
    page.write('OggS', 'latin1')
    page[5] = (i === 0 ? 2 : 0) | (i === packets.length - 1 ? 4 : 0)
    const granule = positions[i] ?? -1
    page.writeBigInt64LE(BigInt(granule > 0 ? granule + offset : granule), 6)
    page.writeUInt32LE(1, 14)
    page.writeUInt32LE(i, 18)
    page[26] = segments
    page.fill(255, 27, 26 + segments)
    page[26 + segments] = packet.length % 255
    page.set(packet, 27 + segments)
    page.writeUInt32LE(page.reduce((crc, byte) => (crc << 8) ^ CRC[(crc >>> 24) ^ byte], 0) >>> 0, 22)
    return page
  })
  return new Uint8Array(Buffer.concat(pages))
}

/** Granule position at the end of each packet, -1 where its page does not say. */
function granulesOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const granules: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const lacing = bytes.subarray(at + 27, at + 27 + bytes[at + 26])
    const ends = lacing.filter(n => n < 255).length
    for (let i = 0; i < ends; i++) granules.push(i === ends - 1 ? Number(view.getBigInt64(at + 6, true)) : -1)
    at += 27 + lacing.length + lacing.reduce((sum, n) => sum + n, 0)
  }
  return granules
}
