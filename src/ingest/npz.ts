import { type UnzipFileInfo, unzipSync, zip } from 'fflate'
import { AuscultError, messageOf } from '../errors.ts'
import { type ByteSource, memoryBytes } from './bytes.ts'
import type { Frames } from './frames.ts'
import { openNpy } from './npy.ts'

/** DEFLATE cannot do better: 258 bytes from 2 bits. */
const MAX_DEFLATE_RATIO = 1032

/** Decompressed arrays of all archives together that are kept for the next read. */
const CACHE_BYTES = 2 ** 28

interface Entry {
  readonly name: string
  readonly bytes: number
  readonly count: number
  /** Index of its first frame in the archive. */
  readonly first: number
}

/** Arrays that were read last, oldest first. */
const cache = new Map<Entry, Frames>()
let cachedBytes = 0

/**
 * The arrays of an .npz archive, as frames, in the order of their sorted names. Arrays are decompressed when they are read, and
 * those read last are kept within a bound for the whole process.
 * @throws AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE
 */
export function openNpz(file: ByteSource, declared?: readonly number[]): Frames {
  if (file.size === 0) throw invalid(file.name, 'the file is empty')
  const archive = file.read(0, file.size)
  const entries: Entry[] = []
  let total = 0
  let shape = declared
  for (const { name, originalSize } of listEntries(archive, file.name)) {
    const frames = decompress(archive, file.name, name, shape)
    shape ??= frames.shape
    const entry = { name, bytes: originalSize, count: frames.count, first: total }
    entries.push(entry)
    total += frames.count
    keep(entry, frames)
  }
  if (!shape) throw invalid(file.name, 'the archive holds no .npy array')

  const read = (i: number): Float32Array => {
    const entry = entries.findLast(({ first }) => first <= i)!
    const frames = cache.get(entry) ?? decompress(file.read(0, file.size), file.name, entry.name, shape)
    keep(entry, frames)
    return frames.read(i - entry.first)
  }
  return { count: total, shape, read }
}

/** An .npz archive of .npy files by name, as np.savez_compressed makes it. Large ones are compressed on other threads. */
export function encodeNpz(arrays: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const files = Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes]))
  return new Promise((resolve, reject) => {
    zip(files, { level: 1 }, (error, archive) => (error ? reject(error) : resolve(archive)))
  })
}

function keep(entry: Entry, frames: Frames): void {
  if (cache.delete(entry)) cachedBytes -= entry.bytes
  cache.set(entry, frames)
  cachedBytes += entry.bytes
  for (const oldest of cache.keys()) {
    if (cachedBytes <= CACHE_BYTES) break
    cache.delete(oldest)
    cachedBytes -= oldest.bytes
  }
}

function listEntries(archive: Uint8Array, at: string): UnzipFileInfo[] {
  const entries: UnzipFileInfo[] = []
  unzip(archive, at, entry => {
    if (entry.name.endsWith('.npy')) entries.push(entry)
    return false
  })
  for (const { name, size, originalSize } of entries) {
    if (size > archive.length || originalSize > size * MAX_DEFLATE_RATIO + 64) {
      throw invalid(`${at}:${name}`, `${originalSize} bytes cannot come from ${size} compressed ones`)
    }
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function decompress(archive: Uint8Array, at: string, entry: string, declared?: readonly number[]): Frames {
  const bytes = unzip(archive, at, ({ name }) => name === entry)[entry]
  if (!bytes) throw invalid(`${at}:${entry}`, 'the array is gone: the file changed while it was read')
  return openNpy(memoryBytes(`${at}:${entry}`, bytes as Uint8Array<ArrayBuffer>), declared)
}

function unzip(archive: Uint8Array, at: string, filter: (entry: UnzipFileInfo) => boolean) {
  try {
    return unzipSync(archive, { filter })
  } catch (cause) {
    throw invalid(at, `not a readable .npz archive: ${messageOf(cause)}`, cause)
  }
}

const invalid = (at: string, message: string, cause?: unknown) =>
  new AuscultError('AUSCULT_INPUT_INVALID', message, { at, cause, remedy: 'Write it again with np.savez.' })
