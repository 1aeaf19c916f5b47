import type { ByteSource } from './bytes.ts'

/** Where the file begins after an ID3v2 tag, which some programs put before everything. */
export function afterId3(file: ByteSource): number {
  if (file.size < 10) return 0
  const head = file.read(0, 10)
  if (String.fromCharCode(head[0], head[1], head[2]) !== 'ID3') return 0
  const size = head.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 127), 0)
  return 10 + size + (head[5] & 16 ? 10 : 0)
}
