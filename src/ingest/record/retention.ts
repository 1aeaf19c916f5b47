import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** How recordings are named: source, UTC time, perhaps a number. Nothing else is ever deleted. */
const RECORDING = /-\d{8}T\d{6}\.\d{3}Z(-\d+)?\.(wav|npy)$/

export interface Retention {
  /** Null: any age. */
  readonly days: number | null
  /** Null: any size. */
  readonly bytes: number | null
}

/** `pump-20260131T120000.250Z` */
export function recordingName(source: string, time: number): string {
  const stamp = new Date(time).toISOString().replace(/[-:]/g, '')
  return `${fileName(source)}-${stamp}`
}

/** A source's name as a file name: sources of a Kafka topic have a `/` and whatever their keys hold. */
export const fileName = (source: string): string => source.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_')

/** Deletes recordings that are too old, then the oldest until the rest fits. @returns the paths of the deleted */
export async function enforceRetention(folder: string, { days, bytes }: Retention, now: number): Promise<string[]> {
  if (days === null && bytes === null) return []
  const files = await recordings(folder)
  let total = files.reduce((sum, file) => sum + file.size, 0)
  const deleted: string[] = []
  for (const { path, size, mtimeMs } of files.sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1))) {
    const isOld = days !== null && now - mtimeMs > days * 86_400_000
    const isTooMuch = bytes !== null && total > bytes
    if (!isOld && !isTooMuch) break
    await unlink(path).catch(() => {})
    total -= size
    deleted.push(path)
  }
  return deleted
}

async function recordings(folder: string): Promise<{ path: string; size: number; mtimeMs: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const found = entries
    .filter(entry => entry.isFile() && RECORDING.test(entry.name))
    .map(async entry => {
      const path = join(entry.parentPath, entry.name)
      const info = await stat(path).catch(() => undefined)
      return info ? [{ path, size: info.size, mtimeMs: info.mtimeMs }] : []
    })
  return (await Promise.all(found)).flat()
}
