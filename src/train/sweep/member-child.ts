import { fork } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { moduleUrl, workerFlags } from '../../worker-url.ts'
import type { FromMember, ToMember } from './protocol.ts'
import type { Done, Failed, Missing } from './result.ts'

const MODULE = moduleUrl('./member-process', import.meta.url)

/**
 * Trains a member in a process of its own, so that whatever happens to it happens to nobody else.
 * @param log file that takes what it says
 * @param signal ends it at once: what it has learned is in its checkpoint
 */
export function runMember(task: ToMember, log: string, signal?: AbortSignal): Promise<Done | Failed | Missing> {
  if (signal?.aborted) return Promise.resolve({ state: 'missing' })
  const output = openSync(log, 'a')
  const child = fork(MODULE, { execArgv: workerFlags(MODULE), stdio: ['ignore', output, output, 'ipc'] })
  closeSync(output)
  const stop = () => void child.kill()
  signal?.addEventListener('abort', stop)
  return new Promise<Done | Failed | Missing>(resolve => {
    const failed = (message: string, code: string | null = null) => resolve({ state: 'failed', code, message, log })
    child.on('message', (message: FromMember) => {
      if (message.type === 'done') resolve(message.result)
      else failed(message.message, message.code)
    })
    child.on('error', error => failed(error.message))
    child.on('close', (code, killed) => {
      if (signal?.aborted) resolve({ state: 'missing' })
      else failed(`its process ended with ${killed ?? `code ${code}`}`)
    })
    child.send(task, error => error && failed(error.message))
  }).finally(() => signal?.removeEventListener('abort', stop))
}
