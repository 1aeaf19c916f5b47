import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/logger.ts'
import { EventStore, storeSchema } from '../../src/stream/store/event-store.ts'
import { episodeEvent } from '../helpers/events.ts'

// How fast events become durable, and can be read: `npx tsx test/bench/store.ts [folder]`

const SECONDS = 5
const MANY = 1_000_000

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'auscult-store-bench-'))
const path = join(folder, 'events.db')
const make = () => new EventStore(storeSchema.parse({ path, max_mb: null }), systemClock, silentLogger)
const megabytes = () => Math.round(process.memoryUsage().rss / 1e6)
const say = (what: string, value: string) => console.log(`${what.padEnd(44)} ${value}`)
/** What a source has to say: episodes that open, change eight times, and close. */
const nth = (i: number) =>
  episodeEvent(
    Math.floor(i / 10),
    i % 10 === 0 ? 'opened' : i % 10 === 9 ? 'closed' : 'updated',
    `mic-${Math.floor(i / 10) % 7}`,
  )
const rate = (count: number, ms: number) => `${Math.round((count / ms) * 1000).toLocaleString('en')} /s`

function quantiles(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (q: number) => sorted[Math.floor(q * (sorted.length - 1))].toFixed(2)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`
}

/** Callers that each append one event after the other. */
async function appendFrom(store: EventStore, callers: number): Promise<void> {
  const times: number[] = []
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const until = performance.now() + SECONDS * 1000
  const from = performance.now()
  const call = async () => {
    for (let i = 0; performance.now() < until; i++) {
      const started = performance.now()
      await store.append([nth(i)])
      times.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: callers }, call))
  const elapsed = performance.now() - from
  loop.disable()
  say(`append, ${callers} callers`, `${rate(times.length, elapsed)}, ${quantiles(times)}`)
  say('  event loop delay', `p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms, worst ${(loop.max / 1e6).toFixed(1)} ms`)
}

const store = make()
await store.start()
for (const callers of [1, 10, 100, 1000]) await appendFrom(store, callers)

let from = performance.now()
const before = store.last
while (store.last < MANY) {
  const groups = [0, 500, 1000, 1500].map(more => Array.from({ length: 500 }, (_, i) => nth(store.last + more + i)))
  await Promise.all(groups.map(group => store.append(group)))
}
say('append, groups of 500', rate(store.last - before, performance.now() - from))
say('resident memory of the process', `${megabytes()} MB`)
await store.stop()
say(`file with ${store.last.toLocaleString('en')} events`, `${Math.round(statSync(path).size / 1e6)} MB`)

const again = make()
from = performance.now()
await again.start()
say('open it', `${Math.round(performance.now() - from)} ms`)
const page = async (name: string, sources?: string[]) => {
  from = performance.now()
  let read = 0
  for (let seq = 0; read < 200_000; ) {
    const events = await again.textsAfter(seq, 200, { sources })
    if (events.length === 0) break
    read += events.length
    seq = events[events.length - 1].seq
  }
  say(name, rate(read, performance.now() - from))
}
await page('read as text, pages of 200')
await page('read as text, one source of 7', ['mic-3'])
from = performance.now()
await again.episodes({ limit: 100 })
await again.episodes({ limit: 100, source: 'mic-3', before: MANY / 2 })
say('two pages of 100 episodes', `${(performance.now() - from).toFixed(1)} ms`)
await again.stop()
rmSync(folder, { recursive: true })
