import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DiskFile, OpenFile } from '../../disk.ts'
import { freeName } from '../free-name.ts'
import { type Encoding, encodingOf, LONGEST_HEADER } from './encoding.ts'

/** What the name of a file ends with until it is complete. */
export const UNFINISHED = '.part'

/** A recording that is being written, under a temporary name until it is finished. */
export class GrowingFile {
  /** Name that it will have. */
  readonly path: string
  readonly #file: DiskFile
  readonly #encoding: Encoding
  #bytes: number

  private constructor(path: string, file: DiskFile, encoding: Encoding) {
    this.path = path
    this.#file = file
    this.#encoding = encoding
    this.#bytes = encoding.headerBytes
  }

  /** @throws the error of the system; nothing is left then */
  static async create(path: string, encoding: Encoding, openFile: OpenFile): Promise<GrowingFile> {
    await mkdir(dirname(path), { recursive: true })
    const free = await freeName(path)
    const file = await openFile(free + UNFINISHED)
    try {
      await file.write(encoding.header(undefined), 0)
      return new GrowingFile(free, file, encoding)
    } catch (error) {
      await file.close().catch(() => {})
      await unlink(free + UNFINISHED).catch(() => {})
      throw error
    }
  }

  /** Size so far, of what is on the disk. */
  get bytes(): number {
    return this.#bytes
  }

  get items(): number {
    return (this.#bytes - this.#encoding.headerBytes) / this.#encoding.itemBytes
  }

  /** Resolves when the bytes, whole items, are on the disk. After an error the file is as it was before. */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.write(bytes, this.#bytes)
      await this.#file.sync()
      this.#bytes += bytes.length
    } catch (error) {
      await this.#file.truncate(this.#bytes).catch(() => {})
      throw error
    }
  }

  /** Writes the header, and gives the file its name. A file without items vanishes. @returns whether there is one */
  async finish(): Promise<boolean> {
    const temporary = this.path + UNFINISHED
    try {
      await this.#file.write(this.#encoding.header(this.items), 0)
      await this.#file.sync()
    } finally {
      await this.#file.close()
    }
    if (this.items > 0) await rename(temporary, this.path)
    else await unlink(temporary)
    return this.items > 0
  }
}

/**
 * Finishes what an interrupted process has left in a folder: whole samples or frames are kept.
 * @returns the paths of the recovered recordings
 */
export async function recoverUnfinished(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  const recovered: string[] = []
  for (const name of names.filter(name => name.endsWith(UNFINISHED))) {
    const temporary = join(folder, name)
    const items = await completeHeader(temporary)
    if (items === 0) await unlink(temporary)
    if (!items) continue
    const path = await freeName(temporary.slice(0, -UNFINISHED.length))
    await rename(temporary, path)
    recovered.push(path)
  }
  return recovered
}

/** @returns how many items the file holds; undefined when it is no recording */
async function completeHeader(path: string): Promise<number | undefined> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    if (size === 0) return 0
    const { buffer, bytesRead } = await file.read(new Uint8Array(LONGEST_HEADER), 0, LONGEST_HEADER, 0)
    const encoding = encodingOf(buffer.subarray(0, bytesRead))
    if (!encoding) return undefined
    const { headerBytes, itemBytes } = encoding
    const items = Math.max(0, Math.floor((size - headerBytes) / itemBytes))
    await file.write(encoding.header(items), 0, headerBytes, 0)
    await file.truncate(headerBytes + items * itemBytes)
    return items
  } finally {
    await file.close()
  }
}
