import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { formatOfExtension, type InputFormat, isSoundFormat } from '../format.ts'
import type { FoundFile } from './arrivals.ts'

/** Names that programs give to files which they have not finished. */
const UNFINISHED = /(^\.|~$|\.(part|partial|tmp|temp|crdownload|filepart)$)/i

/** Which files of a folder are wanted. */
export interface Wanted {
  readonly format: InputFormat['format']
  /** Whether the model takes sound. */
  readonly sound: boolean
}

/**
 * The files of a folder, at every depth, that are neither hidden nor unfinished. With `auto` those with an extension of the
 * wanted kind.
 * @throws the error of the system when the folder cannot be read
 */
export async function scanFolder(folder: string, { format, sound }: Wanted): Promise<FoundFile[]> {
  const files: FoundFile[] = []
  const isWanted = (name: string) => {
    const known = formatOfExtension(name)
    return format !== 'auto' || (known !== undefined && isSoundFormat(known) === sound)
  }
  const walk = async (path: string, entries: readonly Dirent[]): Promise<void> => {
    for (const entry of entries.filter(({ name }) => !UNFINISHED.test(name))) {
      const place = join(path, entry.name)
      if (entry.isDirectory()) await walk(place, await readdir(place, { withFileTypes: true }).catch(() => []))
      else if (isWanted(entry.name)) {
        const info = await stat(place).catch(() => undefined)
        if (!info?.isFile()) continue
        files.push({ name: relative(folder, place).split(sep).join('/'), size: info.size, mtimeMs: info.mtimeMs })
      }
    }
  }
  await walk(folder, await readdir(folder, { withFileTypes: true }))
  return files
}
