import { statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { listFiles } from '../ingest/files-glob.ts'
import type { InputFormat } from '../ingest/format.ts'
import { counted } from './counted.ts'

export interface ListRecordingsOptions {
  format: InputFormat['format']
  /** A label file, which is no recording wherever it lies. */
  labels?: string | null
}

/** How many files of folders were not taken, by extension: lower case, with the dot, or `no extension`. */
export type PassedOver = Record<string, number>

/**
 * The files that listFiles gives but for the label file, and what else lies in the folders, so that nobody trains on a part unknowingly.
 * @throws AUSCULT_INPUT_MISSING for a path that gives nothing
 */
export async function listRecordings(
  paths: readonly string[],
  { format, labels }: ListRecordingsOptions,
): Promise<{ files: string[]; passedOver: PassedOver }> {
  const labelFile = labels ? resolve(labels) : null
  const files = (await listFiles(paths, { format })).filter(file => file !== labelFile)
  const folders = paths.filter(path => statSync(path, { throwIfNoEntry: false })?.isDirectory())
  const inFolders = await listFiles(folders, { format: ALL })
  const taken = new Set([...files, labelFile])
  return { files, passedOver: countExtensions(inFolders.filter(file => !taken.has(file))) }
}

/** With any declared format a folder gives all its files. */
const ALL = 'raw'

/** `3 files (2 .md, 1 .csv)` */
export function formatPassedOver(passedOver: PassedOver): string {
  const entries = Object.entries(passedOver).sort((a, b) => b[1] - a[1])
  const total = entries.reduce((sum, [, n]) => sum + n, 0)
  return `${counted(total, 'file')} (${entries.map(([extension, n]) => `${n} ${extension}`).join(', ')})`
}

function countExtensions(files: readonly string[]): PassedOver {
  const counts: PassedOver = {}
  for (const file of files) {
    const extension = extname(file).toLowerCase() || 'no extension'
    counts[extension] = (counts[extension] ?? 0) + 1
  }
  return counts
}
