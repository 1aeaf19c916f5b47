import { statSync } from 'node:fs'
import type { ByteSource } from '../bytes.ts'

/** What a file became, and the memory that it takes. */
interface Entry {
  readonly value: unknown
  readonly bytes: number
}

/** Decoded files that are kept for the next time they are opened, all together. What is in use is kept by its user besides. */
const CACHE_BYTES = 2 ** 28

/** Oldest first. */
const cache = new Map<string, Entry>()
/** Files that are being decoded now. */
const running = new Map<string, Promise<Entry>>()

/**
 * What `decode` makes of a file, or made of it not long ago if the file has not changed since.
 * @param variant the kind of thing that is made, with every option that it depends on
 */
export async function decodedOnce<T extends { bytes: number }>(
  file: ByteSource,
  variant: string,
  decode: () => Promise<T>,
): Promise<T> {
  // A file that has just vanished is for `decode` to report.
  const info = statSync(file.name, { throwIfNoEntry: false })
  const key = [file.name, file.size, info?.mtimeMs, info?.ino, variant].join('\0')
  const entry = cache.get(key) ?? (await runOnce(key, decode))
  keep(key, entry)
  return entry.value as T
}

function runOnce(key: string, decode: () => Promise<{ bytes: number }>): Promise<Entry> {
  const entry =
    running.get(key) ??
    decode()
      .then(value => ({ value, bytes: value.bytes }))
      .finally(() => running.delete(key))
  running.set(key, entry)
  return entry
}

function keep(key: string, entry: Entry): void {
  cache.delete(key)
  cache.set(key, entry)
  let total = [...cache.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  for (const [oldest, { bytes }] of cache) {
    if (total <= CACHE_BYTES) break
    cache.delete(oldest)
    total -= bytes
  }
}
