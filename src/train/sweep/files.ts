import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuscultError } from '../../errors.ts'
import { checkpointPath } from '../output.ts'
import type { SweepResult } from './result.ts'

const TABLE = 'sweep.json'

/** What a sweep writes beside `output`: a folder with its table, and the bundle, checkpoint and log of each member. */
export class SweepFiles {
  readonly folder: string

  constructor(output: string) {
    this.folder = `${output.replace(/(?<=.)[\\/]+$/, '')}-sweep`
  }

  bundleOf = (id: string): string => join(this.folder, id)
  logOf = (id: string): string => join(this.folder, `${id}.log`)
  hasCheckpoint = (id: string): boolean => existsSync(checkpointPath(this.bundleOf(id)))
  hasBundle = (id: string): boolean => existsSync(join(this.bundleOf(id), 'manifest.json'))

  /** @throws AUSCULT_CONFIG where there is a folder that no sweep wrote */
  prepare(): void {
    let names: string[] = []
    try {
      mkdirSync(this.folder, { recursive: true })
      names = readdirSync(this.folder)
    } catch (cause) {
      throw new AuscultError('AUSCULT_OUTPUT', 'the folder of the sweep cannot be made', { at: this.folder, cause })
    }
    if (names.length === 0 || names.includes(TABLE)) return
    throw new AuscultError('AUSCULT_CONFIG', 'the folder exists and is no sweep', {
      at: this.folder,
      remedy: 'Choose another `output`, or remove the folder.',
    })
  }

  /** @returns undefined where there is none */
  read(): SweepResult | undefined {
    const file = join(this.folder, TABLE)
    if (!existsSync(file)) return undefined
    try {
      const result = JSON.parse(readFileSync(file, 'utf8')) as SweepResult
      if (result.format === 1) return result
    } catch {}
    throw new AuscultError('AUSCULT_STATE', 'the table of the sweep is damaged', {
      at: file,
      remedy: 'Remove it, and sweep without --resume.',
    })
  }

  write(result: SweepResult, report: string): void {
    this.#replace('report.html', report)
    this.#replace(TABLE, `${JSON.stringify(result, null, 2)}\n`)
  }

  #replace(name: string, text: string): void {
    const file = join(this.folder, name)
    writeFileSync(`${file}.tmp`, text)
    renameSync(`${file}.tmp`, file)
  }

  /** Forgets members of an earlier sweep. */
  remove(ids: readonly string[]): void {
    const wanted = new Set(ids)
    const of = (name: string) => name.match(/^\.?(\d{3,})(?=\.|$|-interrupted)/)?.[1] ?? ''
    for (const name of readdirSync(this.folder)) {
      if (wanted.has(of(name))) rmSync(join(this.folder, name), { recursive: true, force: true })
    }
  }

  /** Takes away what a process that was killed was just writing. */
  tidy(id: string): void {
    const temporary = readdirSync(this.folder).filter(
      name => name.endsWith('.tmp') && name.replace(/^\./, '').startsWith(`${id}.`),
    )
    for (const name of temporary) rmSync(join(this.folder, name), { recursive: true, force: true })
  }
}
