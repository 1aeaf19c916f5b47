import { type ChildProcess, fork, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PROJECT } from '../../helpers/requires.ts'
import { makePeers } from '../processes.ts'
import { aligned } from '../table.ts'
import { percentile } from '../timing.ts'
import type { ClientsJob, ClientsResult } from './clients.ts'
import { type Load, now } from './feed.ts'
import type { ServerResult } from './server.ts'

export interface WebSocketOptions {
  readonly clients: number
  readonly seconds: number
  readonly peers: boolean
}

export interface WebSocketLine {
  readonly server: string
  readonly what: string
  readonly clients: number
  /** Seconds until all clients had joined at once. */
  readonly joined: number
  readonly event: { readonly p50: number; readonly p99: number }
  readonly score: { readonly p50: number; readonly p99: number } | undefined
  /** Events that did not come to every client. */
  readonly missed: number
  readonly messages: number
  readonly cores: number
  readonly late: ServerResult['late']
  readonly kbPerClient: number
  readonly mostMb: number
  readonly unsent: number
}

const FOLDER = join(PROJECT, 'test', 'bench', 'websocket')
/** Processes that the clients are spread over. */
const CLIENT_PROCESSES = 2
const EVENTS = 5

interface Case {
  readonly what: string
  readonly load: Omit<Load, 'seconds'>
  readonly query: string
}

const CASES: readonly Case[] = [
  { what: 'events', load: { sources: 1, rate: 0, events: EVENTS }, query: '?kind=episode' },
  { what: '20 scores/s', load: { sources: 10, rate: 2, events: EVENTS }, query: '' },
  { what: '200 scores/s', load: { sources: 100, rate: 2, events: EVENTS }, query: '' },
  { what: '200 scores/s, every=1', load: { sources: 100, rate: 2, events: EVENTS }, query: '?every=1' },
]

/** Many clients at once, in processes of their own, of our server and of what one would write first. */
export async function benchWebSocket(
  { clients, seconds, peers }: WebSocketOptions,
  say: (line: string) => void,
): Promise<WebSocketLine[]> {
  const python = peers ? await makePeers() : undefined
  const lines: WebSocketLine[] = []
  for (const each of CASES) {
    for (const server of ['auscult', 'ws', ...(python ? ['python'] : [])]) {
      // The others have no such choice.
      if (server !== 'auscult' && each.query.includes('every')) continue
      say(`${each.what}: ${server}`)
      lines.push(await measure(server, each, clients, seconds, python))
    }
  }
  return lines
}

async function measure(
  server: string,
  { what, load, query }: Case,
  clients: number,
  seconds: number,
  python: string | undefined,
): Promise<WebSocketLine> {
  const job = JSON.stringify({ ...load, seconds, server })
  const serving = server === 'python' ? new PythonServer(python!, job) : new NodeProcess('server.ts', job)
  const listeners: NodeProcess[] = []
  try {
    const { port } = (await serving.next()) as { port: number }
    const start = now()
    for (let i = 0; i < CLIENT_PROCESSES; i++) {
      const task: ClientsJob = { port, clients: clients / CLIENT_PROCESSES, query: server === 'auscult' ? query : '' }
      listeners.push(new NodeProcess('clients.ts', JSON.stringify(task)))
    }
    await Promise.all(listeners.map(each => each.next()))
    const joined = (now() - start) / 1000
    serving.go()
    const result = (await serving.next()) as ServerResult
    for (const each of listeners) each.go()
    const heard = (await Promise.all(listeners.map(each => each.next()))) as ClientsResult[]
    return { server, what, clients, joined, ...summary(result, heard, clients) }
  } finally {
    serving.end()
    for (const each of listeners) each.end()
  }
}

function summary({ durable, rss, cores, late, unsent }: ServerResult, heard: ClientsResult[], clients: number) {
  const at = new Map(durable)
  const events = heard.flatMap(({ events }) => events.map(([seq, time]) => time - at.get(seq)!))
  const scores = heard.flatMap(({ scores }) => scores)
  const quantiles = (values: number[]) => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) })
  return {
    event: quantiles(events),
    score: scores.length > 0 ? quantiles(scores) : undefined,
    missed: durable.length * clients - events.length,
    messages: heard.reduce((sum, { messages }) => sum + messages, 0),
    cores,
    late,
    kbPerClient: (rss.connected - rss.idle) / clients / 1000,
    mostMb: rss.most / 1e6,
    unsent,
  }
}

/** A process of this folder that sends messages, and is told when to go on. */
class NodeProcess {
  readonly #child: ChildProcess
  readonly #messages: AsyncIterator<unknown>

  constructor(file: string, job: string) {
    const execArgv = ['--import', 'tsx', '--expose-gc']
    this.#child = fork(join(FOLDER, file), [job], { cwd: PROJECT, execArgv, serialization: 'advanced' })
    this.#messages = messagesOf(this.#child)
  }

  next(): Promise<unknown> {
    return this.#messages.next().then(({ value }) => value)
  }

  go(): void {
    this.#child.send('go')
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}

async function* messagesOf(child: ChildProcess): AsyncGenerator<unknown> {
  const queue: unknown[] = []
  let wake = () => {}
  let isGone = false
  child.on('message', message => {
    queue.push(message)
    wake()
  })
  child.on('exit', () => {
    isGone = true
    wake()
  })
  for (;;) {
    while (queue.length > 0) yield queue.shift()
    if (isGone) throw new Error(`${child.spawnargs.at(-2)} ended`)
    await new Promise<void>(resolve => {
      wake = resolve
    })
  }
}

/** The twin in Python, which says the same in lines. */
class PythonServer {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(python: string, job: string) {
    const script = join(FOLDER, '..', 'peers', 'websocket.py')
    this.#child = spawn(python, ['-B', script, job], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  async next(): Promise<unknown> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the server in Python ended')
    return JSON.parse(value)
  }

  go(): void {
    this.#child.stdin!.write('go\n')
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}

const COLUMNS = [
  '',
  'server',
  'joined s',
  'event p50',
  'p99 ms',
  'score p50',
  'p99 ms',
  'messages',
  'missed',
  'unsent',
  'cores',
  'loop p99',
  'max ms',
  'kB/client',
  'most MB',
]

export function webSocketTable(lines: readonly WebSocketLine[]): string {
  const rows = lines.map(line => [
    line.what,
    line.server,
    line.joined.toFixed(2),
    ...[line.event.p50, line.event.p99].map(ms => ms.toFixed(1)),
    ...(line.score ? [line.score.p50, line.score.p99].map(ms => ms.toFixed(1)) : ['', '']),
    ...[line.messages, line.missed, line.unsent].map(n => n.toLocaleString('en')),
    line.cores.toFixed(2),
    ...[line.late.p99, line.late.max].map(ms => ms.toFixed(1)),
    line.kbPerClient.toFixed(1),
    line.mostMb.toFixed(0),
  ])
  return aligned([COLUMNS, ...rows], COLUMNS.map((_, i) => i).slice(2))
}
