import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { AuscultError, messageOf } from '../errors.ts'

/** Bytes that are read where they are wanted: a file, or a decompressed piece of one. */
export interface ByteSource {
  /** How errors name it. */
  readonly name: string
  readonly size: number
  /** `count` bytes from `position` on. @throws AUSCULT_INPUT_INVALID when they are not all there */
  read(position: number, count: number): Uint8Array<ArrayBuffer>
}

/** The most bytes that one read can give (Node's limit). */
const MAX_READ = 2 ** 31 - 1

/**
 * A file on disk. It is opened anew for each read (some 10 µs), so that ten thousand recordings need no ten thousand descriptors.
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_INPUT_INVALID
 */
export function fileBytes(path: string): ByteSource {
  const info = onDisk(path, () => statSync(path))
  if (!info.isFile()) throw new AuscultError('AUSCULT_INPUT_INVALID', 'not a file', { at: path })
  const read = (position: number, count: number) => {
    if (count > MAX_READ) throw tooLarge(path)
    return onDisk(path, () => readFile(path, position, count))
  }
  return { name: path, size: info.size, read }
}

/** Bytes in memory. They are lent, not copied. */
export function memoryBytes(name: string, bytes: Uint8Array<ArrayBuffer>): ByteSource {
  const read = (position: number, count: number) => {
    if (position + count > bytes.length) throw ended(name, position, count, bytes.length - position)
    return bytes.subarray(position, position + count)
  }
  return { name, size: bytes.length, read }
}

export const tooLarge = (at: string) =>
  new AuscultError('AUSCULT_INPUT_INVALID', 'more than 2 GiB cannot be read in one piece', {
    at,
    remedy: 'Store large arrays as .npy in C order, which is read frame by frame.',
  })

function readFile(path: string, position: number, count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count)
  const descriptor = openSync(path, 'r')
  try {
    let done = 0
    while (done < count) {
      const got = readSync(descriptor, bytes, done, count - done, position + done)
      if (got === 0) throw ended(path, position, count, done)
      done += got
    }
  } finally {
    closeSync(descriptor)
  }
  return bytes
}

const ended = (name: string, position: number, count: number, got: number) =>
  new AuscultError('AUSCULT_INPUT_INVALID', `the file ends ${count - Math.max(0, got)} bytes early`, {
    at: `${name}:${position}`,
    remedy: 'The file was cut short, or it changed while it was read; copy or record it again.',
  })

function onDisk<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof AuscultError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    const absent = code === 'ENOENT' || code === 'ENOTDIR'
    throw new AuscultError(
      absent ? 'AUSCULT_INPUT_MISSING' : 'AUSCULT_INPUT_INVALID',
      absent ? 'no such file' : `the file cannot be read: ${messageOf(cause)}`,
      { at: path, cause, remedy: absent ? 'Check the path.' : 'Check the permissions of the file.' },
    )
  }
}
