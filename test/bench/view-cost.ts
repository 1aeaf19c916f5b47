import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/logger.ts'
import { readBundle } from '../../src/model/bundle.ts'
import { ResidualExplainer } from '../../src/model/explanation/explainer.ts'
import { LiveView } from '../../src/stream/live-view/live-view.ts'
import { ScorerPool } from '../../src/stream/scorer-pool.ts'
import type { Score } from '../../src/types.ts'
import { moduleUrl } from '../../src/worker-url.ts'
import { hum, RATE, trainOnHum } from './live/bundle.ts'

/*
 * What it costs that somebody looks at sources: seconds from a window to its score, in turns with and without.
 *   node --import tsx test/bench/view-cost.ts [seconds a turn]
 */

const SOURCES = 8
/** Windows of 1 s that overlap by half, of all sources. */
const PER_SECOND = 2 * SOURCES
const ROUNDS = 6
const CALLS = 1_000_000
const SECONDS = Number(process.argv[2] ?? 5)

const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
const bundle = await trainOnHum(folder)
const { manifest } = await readBundle(bundle)
const loader = moduleUrl('../../src/model/bundle-scorer', import.meta.url).href
const engine = { device: 'cpu' as const, threads: 1 }
const pool = new ScorerPool({ loader, bundle, engine, workers: 1, batch: 16, logger: silentLogger })
await pool.start(new AbortController().signal)
const explainer = new ResidualExplainer(manifest)
const views = new LiveView({
  windowSize: RATE,
  featureMap: () => explainer.map,
  explain: window => pool.explain(window),
  clock: systemClock,
  logger: silentLogger,
})
const sound = hum(60 * RATE)
const names = Array.from({ length: SOURCES }, (_, i) => `s${i}`)
let index = 0

/** Scores one window as the pipeline does. @returns milliseconds until its score is looked at */
function scoreOne(): Promise<number> {
  const i = index++
  const windows = pool.buffer()
  const at = ((i >> 3) * (RATE / 2)) % (59 * RATE)
  windows.set(sound.subarray(at, at + RATE))
  const began = performance.now()
  return new Promise(resolve =>
    pool.submit(windows, 1, (_, returned) => {
      views.observe(scoreOf(i, names[i % SOURCES]), returned!.subarray(0, RATE))
      resolve(performance.now() - began)
    }),
  )
}

const scoreOf = (i: number, source: string): Score => ({
  ...{ source, id: `${source}/${i}`, index: i, stream: 's', offset: i, time: 500 * (i >> 3), duration: 1 },
  ...{ score: 1, threshold: 2, anomalous: false, late: false, latent: new Float32Array(8) },
})

/** Windows as they come, for a while. */
async function turn(watched: readonly string[], times: number[]): Promise<number> {
  const ends = watched.map(source => views.watch(source, () => {}))
  const before = views.shown
  for (let i = 0; i < SECONDS * PER_SECOND; i++) {
    const next = new Promise(resolve => setTimeout(resolve, 1000 / PER_SECOND))
    times.push(await scoreOne())
    await next
  }
  for (const end of ends) end()
  return (views.shown - before) / SECONDS
}

const quantile = (times: number[], q: number) =>
  times.sort((a, b) => a - b)[Math.floor(q * (times.length - 1))].toFixed(1)

const cases = [
  { name: 'nobody looks', watched: [] as string[], times: [] as number[], shown: 0 },
  { name: 'one source is looked at', watched: names.slice(0, 1), times: [] as number[], shown: 0 },
  { name: 'all eight are', watched: names, times: [] as number[], shown: 0 },
]
await turn(names, [])
for (let round = 0; round < ROUNDS; round++) {
  for (const each of cases) each.shown = await turn(each.watched, each.times)
}
for (const { name, times, shown } of cases) {
  console.log(
    `${name}: score p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms, ${shown.toFixed(1)} pictures/s`,
  )
}
const window = sound.subarray(0, RATE)
const scores = names.map((name, i) => scoreOf(i, name))
const unwatched = process.cpuUsage().user
for (let i = 0; i < CALLS; i++) views.observe(scores[i % SOURCES], window)
console.log(`observe, nobody looks: ${((1000 * (process.cpuUsage().user - unwatched)) / CALLS).toFixed(0)} ns`)
await pool.stop(Date.now() + 5000)
rmSync(folder, { recursive: true, force: true })
