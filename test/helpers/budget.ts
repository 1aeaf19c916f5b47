import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { CLI } from './build.ts'

/** What a daemon takes while it runs. */
export interface Budget {
  /** Share of one core, over the measurement. */
  readonly cpu: number
  /** MiB of memory that are resident at its end, and the most there were, the start included. */
  readonly rss: number
  readonly peak: number
  /** Windows scored and failed since the start. */
  readonly scored: number
  readonly failed: number
}

/** Seconds until what only the start needs is over. */
const SETTLE = 8
/** The kernel's unit of processor time, USER_HZ. */
const TICKS_PER_SECOND = 100

/**
 * `auscult run` on defaults with one feed at the speed of its recordings, as docs/performance.md says for small machines. Linux only.
 * @param folder for its configuration
 */
export async function measureBudget(
  folder: string,
  { bundle, recordings, seconds }: { bundle: string; recordings: string; seconds: number },
): Promise<Budget> {
  const config = join(folder, 'budget.yaml')
  const sources = { machine: { type: 'files', path: recordings, speed: 1, loop: true } }
  writeFileSync(config, stringify({ bundle, sources, http: { port: 0 } }))
  const env = { ...process.env, MALLOC_ARENA_MAX: '1', NODE_OPTIONS: '' }
  const child = spawn(process.execPath, [CLI, 'run', config], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = new Promise<never>((_, reject) =>
    child.once('exit', code => reject(new Error(`the daemon ended with ${code}: ${log.slice(-500)}`))),
  )
  exited.catch(() => {})
  let log = ''
  const listening = new Promise<string>(resolve =>
    child.stderr.on('data', data => {
      log += data
      const address = /"address":"([^"]+)"/.exec(log)?.[1]
      if (address) resolve(address)
    }),
  )
  try {
    const address = await Promise.race([listening, exited])
    await Promise.race([sleep(SETTLE), exited])
    const [before, from] = [cpuSeconds(child.pid!), performance.now()]
    await Promise.race([sleep(seconds), exited])
    const cpu = (cpuSeconds(child.pid!) - before) / ((performance.now() - from) / 1000)
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    const mib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)![1]) / 1024
    const { scored, failed } = (await (await fetch(`${address}/v1/status`)).json()) as Budget
    return { cpu, rss: mib('VmRSS'), peak: mib('VmHWM'), scored, failed }
  } finally {
    child.kill('SIGKILL')
  }
}

const sleep = (seconds: number) => new Promise<void>(resolve => setTimeout(resolve, seconds * 1000))

/** Of all threads, from utime and stime. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
