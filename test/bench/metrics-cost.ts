import { systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/logger.ts'
import { metricsSchema } from '../../src/stream/metrics/config.ts'
import { Metrics } from '../../src/stream/metrics.ts'
import { Pipeline } from '../../src/stream/pipeline.ts'
import { statusOf } from '../../src/stream/status.ts'
import { FakeFeed } from '../helpers/fake-feed.ts'
import { judgeOf } from '../helpers/judge.ts'
import { metricsState } from '../helpers/metrics.ts'
import { median } from './timing.ts'

/*
 * What measuring costs a window, and what a scrape of many sources costs.
 *   npx tsx test/bench/metrics-cost.ts [sources]
 */

const SOURCES = Number(process.argv[2] ?? 1000)
const WINDOWS = 2_000_000
const BATCH = 16
const ROUNDS = 30

const metrics = new Metrics({ version: '1', node: '1', bundle: 'bench', created: 0 }, metricsSchema.parse({}))

/** Milliseconds of the processor, which other work on the machine does not add to. */
async function cost(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** What the pipeline tells of windows in batches. */
function measureWindows(): void {
  const { path } = metrics
  for (let i = 0; i < WINDOWS; i += BATCH) {
    path.batch(BATCH, 0.003)
    for (let j = 0; j < BATCH; j++) {
      path.scoreRatio(0.5 + j / 10)
      path.window(0.01 + j / 100, 0.012 + j / 100)
    }
    path.stage('score', 0.003, BATCH)
    path.stage('decide', 0.0003, BATCH)
  }
}

/** The longest that nothing else had its turn while `work` went on, in milliseconds of the wall clock. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  let isOn = true
  const tick = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (isOn) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  isOn = false
  return longest
}

async function rounds(measure: () => Promise<number>): Promise<string> {
  const all: number[] = []
  for (let i = 0; i < ROUNDS; i++) all.push(await measure())
  return `least ${Math.min(...all).toFixed(1)} ms, median ${median(all).toFixed(1)} ms`
}

measureWindows()
console.log(`a window: ${(((await cost(measureWindows)) / WINDOWS) * 1e6).toFixed(0)} ns`)

const pipeline = new Pipeline({
  feeds: Array.from({ length: SOURCES }, (_, i) => new FakeFeed(`machine-${i}`, [])),
  ...{ capacity: 8, batch: { max: BATCH, wait_ms: 5 }, judge: () => judgeOf(), analysts: [], duration: 1, sinks: [] },
  pool: { free: true, onFree() {}, buffer: () => new Float32Array(), submit() {}, model: {} as never },
  store: { append: async () => [], leftOpen: () => [] },
  ...{ telemetry: metrics.path, clock: systemClock, logger: silentLogger },
})
const scrape = () => metrics.render(() => ({ ...metricsState, sources: pipeline.sources() }))
const status = () =>
  statusOf({
    ...{ sources: () => pipeline.sources(), components: () => ({}), clients: () => 0 },
    ...{ recent: metrics.path.recent, clock: systemClock },
    scorer: () => ({ devices: { cpu: 1 }, fallbacks: 0 }),
  })
console.log(`a scrape of ${SOURCES} sources, ${((await scrape()).length / 1e6).toFixed(1)} MB:`)
console.log(`  of a core:    ${await rounds(() => cost(scrape))}`)
console.log(`  longest hold: ${await rounds(() => longestHold(scrape))}`)
console.log(`a status: ${await rounds(() => cost(status))}`)
process.exit()
