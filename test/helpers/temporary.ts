import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder that is removed after the suite, and a function that writes files into it and gives their paths. */
export function temporaryFolder(): { folder: string; write: (name: string, content: Uint8Array | string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, content: Uint8Array | string) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }
  return { folder, write }
}

/** The error that `work` ends with. Fails when it ends with none. */
export async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('no error was thrown')
}
