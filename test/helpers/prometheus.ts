import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from './kafka-setup.ts'
import * as requires from './requires.ts'
import { until } from './until.ts'

/** A series of an answer; `values` of a range, `value` of a moment. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [time: number, value: string]
  readonly values?: readonly (readonly [time: number, value: string])[]
}

/** An alert as `/api/v1/alerts` shows it. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
  readonly value: string
}

/** Runs until its input ends, which it does with the process that started it, however that ends. */
const GUARD = '"$@" & trap "" TERM INT; cat > /dev/null; kill -9 $!; wait $! 2> /dev/null'

/** A server of Debian's packages, with a folder and a port of its own. */
class Server {
  readonly address: string
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #log = ''

  constructor(address: string, command: readonly string[]) {
    this.address = address
    this.#child = spawn('sh', ['-c', GUARD, 'sh', ...command], { stdio: ['pipe', 'ignore', 'pipe'] })
    this.#child.stderr!.on('data', data => {
      this.#log += data
    })
    this.#ended = new Promise(resolve => this.#child.once('close', resolve))
  }

  /** Resolves when it answers. @throws an Error with its log */
  async ready(): Promise<void> {
    const answers = () =>
      fetch(`${this.address}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    await until(answers, 30_000).catch(() => {
      throw new Error(`does not start:\n${this.#log}`)
    })
  }

  /** @returns the `data` of an answer of its API. @throws an Error with what it says otherwise */
  async get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.address}${path}?${new URLSearchParams(query)}`)
    const answer = (await response.json()) as { status: string; error?: string; data: T }
    if (answer.status !== 'success') throw new Error(`${answer.error}: ${JSON.stringify(query)}`)
    return answer.data
  }

  async stop(): Promise<void> {
    this.#child.stdin!.end()
    await this.#ended
  }
}

export class Prometheus extends Server {
  /** @returns the series of an expression, as of now */
  async query(query: string): Promise<readonly Series[]> {
    return (await this.get<{ result: Series[] }>('/api/v1/query', { query })).result
  }

  /** @returns the series of an expression over the last seconds */
  async queryRange(query: string, seconds: number, step: number): Promise<readonly Series[]> {
    const end = Date.now() / 1000
    const range = { start: String(end - seconds), end: String(end), step: String(step) }
    return (await this.get<{ result: Series[] }>('/api/v1/query_range', { query, ...range })).result
  }

  async alerts(): Promise<readonly Alert[]> {
    return (await this.get<{ alerts: Alert[] }>('/api/v1/alerts')).alerts
  }
}

/** @param files more files beside the configuration, by name */
export async function startPrometheus(
  folder: string,
  config: object,
  files: Readonly<Record<string, string>> = {},
): Promise<Prometheus> {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config))
  const port = await freePort()
  const prometheus = new Prometheus(`http://127.0.0.1:${port}`, [
    requires.prometheus()!,
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ])
  await prometheus.ready()
  return prometheus
}

export async function startAlertmanager(folder: string, config: object): Promise<Server> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'alertmanager.yml'), stringify(config))
  const port = await freePort()
  const alertmanager = new Server(`http://127.0.0.1:${port}`, [
    requires.alertmanager()!,
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ])
  await alertmanager.ready()
  return alertmanager
}
