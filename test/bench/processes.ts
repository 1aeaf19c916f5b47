import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PROJECT, peersFolder } from '../helpers/requires.ts'
import type { Task } from './cases.ts'

const BENCH = join(PROJECT, 'test', 'bench')

/** Runs a measurement of work/ in a process of its own. */
export const runOurs = <T>(task: Task): Promise<T> =>
  lastLine(process.execPath, ['--import', 'tsx', join(BENCH, 'child.ts'), task.work, JSON.stringify(task.job)])

/** Runs its twin of peers/. */
export const runPeer = <T>(python: string, task: Task): Promise<T> =>
  lastLine(python, ['-B', join(BENCH, 'peers', `${task.work}.py`), JSON.stringify(task.job)])

async function lastLine<T>(command: string, args: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(command, args, { cwd: PROJECT, maxBuffer: 2 ** 24 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}

/**
 * The Python of AUSCULT_PYTHON, else of an environment in the cache folder, with the packages of requirements.txt; the first call
 * downloads some gigabytes, the next ones only look.
 */
export async function makePeers(): Promise<string> {
  if (process.env.AUSCULT_PYTHON) return process.env.AUSCULT_PYTHON
  const folder = peersFolder()
  const python = join(folder, 'bin', 'python')
  if (!existsSync(python)) {
    process.stderr.write(`Making a Python environment in ${folder}; the packages are some gigabytes.\n`)
    await show('python3', ['-m', 'venv', folder])
  }
  await show(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '-r', join(BENCH, 'requirements.txt')])
  return python
}

/** Runs a command with its output on stderr, less what pip says of packages that are there. */
function show(command: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.on('data', (data: Buffer) => {
      const lines = data.toString().split('\n')
      process.stderr.write(lines.filter(line => !/^(Requirement already|Looking in)/.test(line)).join('\n'))
    })
    child.on('error', reject)
    child.on('close', code =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')}: exit ${code}`)),
    )
  })
}
