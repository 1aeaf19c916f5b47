import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { AuscultError } from '../errors.ts'
import { FORMATS, formatOfExtension, type InputFormat, SUPPORTED_EXTENSIONS } from './format.ts'

export interface ListOptions {
  /** With `auto` (the default) a folder gives the files with a known extension; with a declared format all its files. */
  format?: InputFormat['format']
  /** Relative patterns start here; default the working directory. */
  cwd?: string
}

/**
 * Absolute paths of the files that folders (searched at every depth), files and globs stand for: each once, sorted by code unit.
 * Hidden files and folders are left out.
 * @throws AUSCULT_INPUT_MISSING for a pattern that gives nothing
 */
export async function listFiles(patterns: string | readonly string[], options: ListOptions = {}): Promise<string[]> {
  const { format = 'auto', cwd = process.cwd() } = options
  const found = new Set<string>()
  for (const pattern of typeof patterns === 'string' ? [patterns] : patterns) {
    for (const file of await expand(pattern, format, cwd)) found.add(file)
  }
  return [...found].sort()
}

async function expand(pattern: string, format: InputFormat['format'], cwd: string): Promise<string[]> {
  const path = resolve(cwd, pattern)
  const info = await stat(path).catch(() => undefined)
  if (info?.isDirectory()) {
    const files = await glob('**/*', { cwd: path, absolute: true })
    const known = format === 'auto' ? files.filter(formatOfExtension) : files
    if (known.length > 0) return known
    throw missing(
      pattern,
      files.length === 0 ? 'the folder is empty' : 'the folder holds no file with a known extension',
    )
  }
  if (info) return [path]
  if (!/[*?[\]{}()!]/.test(pattern)) throw missing(pattern, 'no such file or folder')
  const files = await glob(pattern, { cwd, absolute: true, expandDirectories: false })
  if (files.length > 0) return files
  throw missing(pattern, 'the pattern matches no file')
}

function missing(pattern: string, message: string): AuscultError {
  return new AuscultError('AUSCULT_INPUT_MISSING', message, {
    at: pattern,
    remedy: `Check the path; extensions ${SUPPORTED_EXTENSIONS.join(' ')} are known, for others declare \`format\` (${FORMATS.join(', ')}).`,
  })
}
