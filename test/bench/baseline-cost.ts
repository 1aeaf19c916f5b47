import { Baseline } from '../../src/model/drift/baseline.ts'
import { driftSchema } from '../../src/model/drift/config.ts'
import { dailySchema } from '../../src/model/drift/daily.ts'
import { recalibrationSchema } from '../../src/model/drift/recalibrate.ts'
import { thresholdSchema } from '../../src/model/threshold.ts'
import { Detector } from '../../src/stream/detector.ts'
import { Judge } from '../../src/stream/judge.ts'
import { calibrationOf, type ScoreProcess, scoreStream } from '../model/drift/simulate.ts'

/*
 * What a source costs that has run for two weeks.
 *   node --expose-gc --import tsx test/bench/baseline-cost.ts
 */

const SOURCES = 1000
const WINDOWS = 1_000_000
const SNAPSHOTS = 200
const TWO_WEEKS = 14 * 86_400_000
const STEP = 10_000
const cases = [
  { name: 'percentile', threshold: { policy: 'percentile' }, daily: {} },
  { name: 'spot', threshold: { policy: 'spot' }, daily: {} },
  { name: 'percentile, daily', threshold: { policy: 'percentile' }, daily: { enabled: true } },
]

const process_: ScoreProcess = { family: 'lognormal', correlation: 0.5, spread: 0.3, seed: 1 }
const calibration = calibrationOf(process_)
const next = scoreStream(process_)
const scores = Float64Array.from({ length: 1 << 16 }, () => next())
const latent = new Float32Array(8)

function bytes(): number {
  for (let i = 0; i < 4; i++) globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Microseconds of the processor, which other work on the machine does not add to. */
function cost(work: () => void): number {
  const before = process.cpuUsage().user
  work()
  return process.cpuUsage().user - before
}

for (const { name, threshold, daily } of cases) {
  const make = () =>
    new Baseline(calibration, {
      threshold: thresholdSchema.parse(threshold),
      drift: driftSchema.parse({}),
      daily: dailySchema.parse(daily),
      recalibration: recalibrationSchema.parse({}),
    })
  const baseline = make()
  for (let time = 0; time < TWO_WEEKS; time += STEP) {
    const score = next()
    baseline.push({ score, time, above: score > baseline.threshold(time), open: false })
  }
  const text = JSON.stringify(baseline.snapshot())
  const saving = cost(() => {
    for (let i = 0; i < SNAPSHOTS; i++) JSON.stringify(baseline.snapshot())
  })
  const empty = bytes()
  const many = Array.from({ length: SOURCES }, make)
  for (const each of many) each.restore(JSON.parse(text))
  const memory = (bytes() - empty) / many.length / 1024
  const judge = new Judge(baseline, new Detector({ open_after: 2, close_after: 3, cooldown: 0, update_every: 1 }))
  const run = (from: number) => {
    for (let i = from; i < from + WINDOWS; i++) {
      judge.push({
        source: 's',
        id: 's',
        index: i,
        stream: 's',
        offset: i,
        time: TWO_WEEKS + i * 500,
        duration: 1,
        score: scores[i % scores.length],
        late: false,
        latent,
      })
    }
  }
  run(0)
  const pushing = cost(() => run(WINDOWS)) / WINDOWS
  const snapshot = `snapshot ${text.length} bytes in ${(saving / SNAPSHOTS / 1000).toFixed(2)} ms`
  console.log(`${name}: ${pushing.toFixed(2)} µs a window, ${memory.toFixed(1)} KiB a source, ${snapshot}`)
}
