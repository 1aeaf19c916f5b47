import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { AuscultError, messageOf } from '../../errors.ts'
import type { FoundFile } from './arrivals.ts'

/** A file that need not be taken again, as it was. */
export interface Taken extends FoundFile {
  /** Why it was left out; absent when it was played to its end. */
  readonly failed?: string
}

/** Entries beyond those of files that are there, after which the journal is written anew. */
const SPARE = 1000

/**
 * Remembers across restarts which files of a folder have been taken: a line of JSON for each, on the disk before `add` returns. A line
 * that was torn by a crash is ignored, and its file is taken again. Opening it, and now and then later, rewrites it with the files that are still there.
 */
export class Journal {
  readonly path: string
  readonly #entries = new Map<string, Taken>()
  #unwritten: Taken[] = []

  constructor(path: string) {
    this.path = path
  }

  /** Reads what is there. @throws AUSCULT_OUTPUT when it cannot be written */
  open(): void {
    for (const entry of readEntries(this.path)) this.#entries.set(entry.name, entry)
    try {
      this.#rewrite()
    } catch (cause) {
      throw new AuscultError('AUSCULT_OUTPUT', `the state of the folder cannot be written: ${messageOf(cause)}`, {
        at: this.path,
        cause,
        remedy: 'Make the folder writable, or set `state_path` to a file in one that is.',
      })
    }
  }

  /** What is known of a file, unless it has changed since. */
  find({ name, size, mtimeMs }: FoundFile): Taken | undefined {
    const entry = this.#entries.get(name)
    return entry?.size === size && entry.mtimeMs === mtimeMs ? entry : undefined
  }

  /** @throws the error of the disk; the entry is remembered, and written with the next */
  add(entry: Taken): void {
    this.#entries.set(entry.name, entry)
    this.#unwritten.push(entry)
    this.flush()
  }

  /** Writes what could not be written before. @throws the error of the disk */
  flush(): void {
    if (this.#unwritten.length === 0) return
    writeDurably(this.path, 'a', this.#unwritten)
    this.#unwritten = []
  }

  /** Forgets files that are gone, when there are many. @throws the error of the disk */
  prune(present: ReadonlySet<string>): void {
    if (this.#entries.size < 2 * present.size + SPARE) return
    for (const name of this.#entries.keys()) if (!present.has(name)) this.#entries.delete(name)
    this.#rewrite()
  }

  #rewrite(): void {
    const temporary = `${this.path}.tmp`
    writeDurably(temporary, 'w', [...this.#entries.values()])
    renameSync(temporary, this.path)
    syncFolder(dirname(this.path))
    this.#unwritten = []
  }
}

function writeDurably(path: string, flags: 'a' | 'w', entries: readonly Taken[]): void {
  const file = openSync(path, flags)
  try {
    // A newline first: a torn line before it stays a line of its own.
    const lines = entries.map(({ name, size, mtimeMs, failed }) =>
      JSON.stringify({ file: name, size, mtime_ms: mtimeMs, failed }),
    )
    if (lines.length > 0) writeSync(file, `\n${lines.join('\n')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** So that a renamed file survives a power cut too; not all systems can. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r')
    fsyncSync(folder)
    closeSync(folder)
  } catch {}
}

function readEntries(path: string): Taken[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap(line => {
    try {
      const { file, size, mtime_ms, failed } = JSON.parse(line)
      return typeof file === 'string' ? [{ name: file, size, mtimeMs: mtime_ms, ...(failed && { failed }) }] : []
    } catch {
      return []
    }
  })
}
