import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { CLI } from './build.ts'
import { parseMetrics, sumOf } from './metrics.ts'
import { PROJECT } from './requires.ts'
import { until } from './until.ts'

const SETTLED = ['scored_total', 'dropped_total', 'failed_total', 'in_flight']

/** What a life of a daemon came to, as far as `/metrics` told. */
export interface Life {
  /** Scrapes that came through. */
  scrapes: number
  /** Of the last scrape, over all sources. */
  received: number
  scored: number
  dropped: number
  failed: number
  /** Sources and scrapes in which received ≠ scored + dropped + failed + in flight. */
  readonly breaches: string[]
}

/** Some lives are short. */
const SCRAPE_MS = 50

/** `auscult run` as a process of its own, with a configuration. Its `/metrics` is scraped all its life long. */
export class DaemonProcess {
  readonly lives: Life[] = []
  /** Lines of its log, of all lives. */
  readonly log: Record<string, unknown>[] = []
  readonly #config: string
  #child: ChildProcess | undefined
  #ended: Promise<number | NodeJS.Signals | null> = Promise.resolve(null)
  #address: string | undefined
  #scraping: Promise<void> = Promise.resolve()

  constructor(folder: string, name: string, config: object) {
    this.#config = join(folder, `${name}.yaml`)
    writeFileSync(this.#config, stringify(config))
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const args = [CLI, 'run', this.#config]
    const child = spawn(process.execPath, args, { cwd: PROJECT, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    this.#address = undefined
    const life: Life = { scrapes: 0, received: 0, scored: 0, dropped: 0, failed: 0, breaches: [] }
    this.lives.push(life)
    this.#ended = new Promise(resolve => child.once('close', (code, signal) => resolve(code ?? signal)))
    void this.#ended.then(() => {
      this.#child = undefined
    })
    let rest = ''
    child.stderr.on('data', data => {
      const lines = (rest + data).split('\n')
      rest = lines.pop()!
      for (const line of lines) this.#take(line)
    })
    await until(() => this.#address !== undefined || this.#child === undefined, 60_000)
    if (this.#address === undefined) throw new Error(`the daemon did not start: ${JSON.stringify(this.log.slice(-5))}`)
    this.#scraping = this.#scrape(child, this.#address, life)
  }

  /** Windows that the present or last life has scored, as of its last scrape. */
  get scored(): number {
    return this.lives.at(-1)?.scored ?? 0
  }

  get running(): boolean {
    return this.#child !== undefined
  }

  /** @returns the answer to a GET, as JSON */
  async get(path: string): Promise<unknown> {
    return (await fetch(this.#address + path)).json()
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#ended
    await this.#scraping
  }

  /** Ends it as a user does. @returns its exit code */
  async stop(): Promise<number | NodeJS.Signals | null> {
    this.#child?.kill('SIGTERM')
    const ended = await this.#ended
    await this.#scraping
    return ended
  }

  #take(line: string): void {
    let entry: Record<string, unknown>
    try {
      entry = JSON.parse(line)
    } catch {
      entry = { msg: line }
    }
    this.log.push(entry)
    if (typeof entry.address === 'string') this.#address = entry.address
  }

  async #scrape(child: ChildProcess, address: string, life: Life): Promise<void> {
    while (child.exitCode === null && child.signalCode === null) {
      const text = await fetch(`${address}/metrics`).then(
        response => response.text(),
        () => undefined,
      )
      if (text !== undefined) account(parseMetrics(text), life)
      await new Promise(resolve => setTimeout(resolve, SCRAPE_MS))
    }
  }
}

function account(values: Map<string, number>, life: Life): void {
  life.scrapes++
  const sources = [...values.keys()].flatMap(
    key => /^auscult_windows_received_total{source="([^"]*)"}$/.exec(key)?.[1] ?? [],
  )
  const total = (name: string) =>
    sources.reduce((sum, source) => sum + sumOf(values, `auscult_windows_${name}`, `source="${source}"`), 0)
  for (const source of sources) {
    const of = (name: string) => sumOf(values, `auscult_windows_${name}`, `source="${source}"`)
    const settled = SETTLED.reduce((sum, name) => sum + of(name), 0)
    if (of('received_total') !== settled) {
      life.breaches.push(`${source}, scrape ${life.scrapes}: ${of('received_total')} ≠ ${settled}`)
    }
  }
  life.received = total('received_total')
  life.scored = total('scored_total')
  life.dropped = total('dropped_total')
  life.failed = total('failed_total')
}
