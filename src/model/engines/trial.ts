import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../errors.ts'
import { moduleUrl, workerFlags } from '../../worker-url.ts'
import type { Session } from '../engine.ts'

/** What a process found that tried a device. */
export type TrialResult =
  /** `cards`: device files that it had open, where the system tells. */
  { readonly works: true; readonly cards?: readonly string[] } | { readonly works: false; readonly message: string }

/** A first use of CUDA may take many seconds. */
const LIMIT_MS = 60_000

/**
 * Computes something small on a device in a process of its own, since drivers print, hang and crash.
 */
export const tryDevice = (device: Session['device'], limit = LIMIT_MS): Promise<Tried<TrialResult>> =>
  tryApart(moduleUrl('./trial-process', import.meta.url), device, limit)

type Failed = { readonly works: false; readonly message: string }

export interface Tried<T> {
  readonly result: T | Failed
  /** What was written to stderr meanwhile. */
  readonly output: string
}

/** Runs a module with an argument in a process of its own. It prints its result as one line of JSON. */
export async function tryApart<T>(module: URL, argument: string, limit = LIMIT_MS): Promise<Tried<T>> {
  const flags = [...workerFlags(module), fileURLToPath(module), argument]
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', chunk => {
      text[name] += chunk
    })
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), limit)
  const ended = await new Promise<string>(resolve => {
    child.once('error', error => resolve(`it could not be tried: ${messageOf(error)}`))
    child.once('close', (code, signal) => resolve(`the process that tried it ended with ${signal ?? `code ${code}`}`))
  })
  clearTimeout(timer)
  return { result: read<T>(text.stdout) ?? { works: false, message: ended }, output: text.stderr }
}

function read<T>(stdout: string): T | undefined {
  const line = stdout.split('\n').find(text => text.startsWith('{'))
  return line === undefined ? undefined : JSON.parse(line)
}
