import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { AuscultError } from '../errors.ts'
import { FORMATS, formatOfExtension, type InputFormat, isSoundFormat, SUPPORTED_EXTENSIONS } from './format.ts'

export interface ListOptions {
  /** With `auto` (the default) a folder gives the files with a known extension; with a declared format all its files. */
  format?: InputFormat['format']
  /** With `auto` a folder gives its sound only, or all but its sound, where it has any of the kind. */
  sound?: boolean
  /** Relative patterns start here; default the working directory. */
  cwd?: string
}

/**
 * Absolute paths of the files that folders (searched at every depth), files and globs stand for: each once, sorted by code unit.
 * Hidden files and folders are left out. With `auto` a folder gives csv only where it holds nothing else.
 * @throws AUSCULT_INPUT_MISSING for a pattern that gives nothing
 */
export async function listFiles(patterns: string | readonly string[], options: ListOptions = {}): Promise<string[]> {
  const { format = 'auto', sound, cwd = process.cwd() } = options
  const found = new Set<string>()
  for (const pattern of typeof patterns === 'string' ? [patterns] : patterns) {
    for (const file of await expand(pattern, { format, sound, cwd })) found.add(file)
  }
  return [...found].sort()
}

async function expand(pattern: string, { format, sound, cwd }: ListOptions & { cwd: string }): Promise<string[]> {
  const path = resolve(cwd, pattern)
  const info = await stat(path).catch(() => undefined)
  if (info?.isDirectory()) {
    const files = await glob('**/*', { cwd: path, absolute: true })
    const known = format === 'auto' ? ofKind(files.filter(formatOfExtension), sound) : files
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

/** Recordings often lie beside tables about them and pictures of them. */
function ofKind(files: string[], sound: boolean | undefined): string[] {
  const kind = files.filter(file => isSoundFormat(formatOfExtension(file)!) === sound)
  const wanted = kind.length > 0 ? kind : files
  const arrays = wanted.filter(file => formatOfExtension(file) !== 'csv')
  return arrays.length > 0 ? arrays : wanted
}

function missing(pattern: string, message: string): AuscultError {
  return new AuscultError('AUSCULT_INPUT_MISSING', message, {
    at: pattern,
    remedy: `Check the path; extensions ${SUPPORTED_EXTENSIONS.join(' ')} are known, for others declare \`format\` (${FORMATS.join(', ')}).`,
  })
}
