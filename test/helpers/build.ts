import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from './requires.ts'

const FOLDER = join(PROJECT, 'dist-test')

/** The command, compiled. From its sources it takes twice as long to start, and tests start it often. */
export const CLI = join(FOLDER, 'cli.js')

/** Compiles what has changed in `src/`, before all tests. */
export function setup(): void {
  const tsc = join(PROJECT, 'node_modules/typescript/bin/tsc')
  const output = ['--outDir', FOLDER, '--tsBuildInfoFile', join(FOLDER, '.tsbuildinfo')]
  const args = [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError', 'false', ...output]
  const { stdout } = spawnSync(process.execPath, args, { cwd: PROJECT, encoding: 'utf8' })
  if (!existsSync(CLI)) throw new Error(`src cannot be compiled:\n${stdout}`)
}
