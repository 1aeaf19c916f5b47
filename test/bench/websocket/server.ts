import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { WebSocketServer } from 'ws'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { eventToJson, numbered } from '../../../src/stream/event-json.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import type { AuscultEvent, Score } from '../../../src/types.ts'
import { hubWith } from '../../helpers/hub.ts'
import { type Load, now, play } from './feed.ts'

export interface ServerJob extends Load {
  /** Ours, or the loop that one would write first: every message to every client. */
  readonly server: 'auscult' | 'ws'
}

export interface ServerResult {
  /** When each event was durable, by number; where there is no store, when it was due. */
  readonly durable: readonly (readonly [seq: number, at: number])[]
  /** Processor seconds a second, while it played. */
  readonly cores: number
  /** Resident bytes: before the first client, with all of them, and the most while it played. */
  readonly rss: { readonly idle: number; readonly connected: number; readonly most: number }
  /** Milliseconds by which the event loop was late, p99 and longest. */
  readonly late: { readonly p99: number; readonly max: number }
  readonly unsent: number
}

interface Serving {
  readonly port: number
  score(score: Score): void
  event(event: AuscultEvent, due: number): void
  unsent(): number
}

const durable: [number, number][] = []
const http = createServer()
const listen = () =>
  new Promise<number>(resolve =>
    http.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, () => resolve((http.address() as AddressInfo).port)),
  )

async function auscult(): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const store = new EventStore(storeSchema.parse({ path: join(folder, 'events.db') }), systemClock, silentLogger)
  await store.start()
  const hub = hubWith({ history: store, config: { max_clients: 100_000, max_clients_per_address: 100_000 } })
  http.on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head))
  return {
    port: await listen(),
    score: score => hub.score(score),
    event: event =>
      void store.append([event]).then(([seq]) => {
        durable.push([seq, now()])
        hub.event(event, seq)
      }),
    unsent: () => hub.counts.unsentScores,
  }
}

async function plain(): Promise<Serving> {
  const server = new WebSocketServer({ server: http, perMessageDeflate: false })
  const broadcast = (text: string) => {
    for (const client of server.clients) client.send(text)
  }
  let seq = 0
  return {
    port: await listen(),
    score: ({ latent: _, ...score }) => broadcast(JSON.stringify({ type: 'score', ...score, windows: 1 })),
    event: (event, due) => {
      durable.push([++seq, due])
      broadcast(numbered(seq, JSON.stringify(eventToJson(event))))
    },
    unsent: () => 0,
  }
}

/** Serves as the job says; starts to play when it is told that all clients are there. */
async function main(): Promise<void> {
  const job: ServerJob = JSON.parse(process.argv[2])
  const serving = job.server === 'auscult' ? await auscult() : await plain()
  const rss = { idle: settled(), connected: 0, most: 0 }
  process.send!({ port: serving.port })
  await new Promise(resolve => process.once('message', resolve))
  rss.connected = settled()
  const watch = setInterval(() => {
    rss.most = Math.max(rss.most, process.memoryUsage.rss())
  }, 100)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const [cpu, start] = [process.cpuUsage(), now()]
  await play(job, serving.score, serving.event)
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(watch)
  const result: ServerResult = {
    durable,
    cores: (user + system) / 1000 / (now() - start),
    rss,
    late: { p99: loop.percentile(99) / 1e6, max: loop.max / 1e6 },
    unsent: serving.unsent(),
  }
  process.send!(result, () => process.exit())
}

/** After a collection, where the process may ask for one. */
function settled(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

await main()
