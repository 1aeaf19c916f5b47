import { Baseline } from '../../src/model/drift/baseline.ts'
import { driftSchema } from '../../src/model/drift/config.ts'
import { dailySchema } from '../../src/model/drift/daily.ts'
import { DriftDetector } from '../../src/model/drift/detector.ts'
import { recalibrationSchema } from '../../src/model/drift/recalibrate.ts'
import type { Calibration } from '../../src/model/manifest.ts'
import { resolveThreshold } from '../../src/model/threshold.ts'
import { Detector } from '../../src/stream/detector.ts'
import { Judge } from '../../src/stream/judge.ts'
import { calibrationOf, PROCESSES, type ScoreProcess, scoreStream } from '../model/drift/simulate.ts'

/*
 * What drift detection makes of simulated scores: windows of a second that hang together from one to the next.
 *   npx tsx test/bench/drift.ts [seeds, default 6] [drift options as JSON]
 */

const SECONDS = { hour: 3600, day: 86_400, week: 604_800 }
const seeds = Number(process.argv[2] ?? 6)
const config = driftSchema.parse(JSON.parse(process.argv[3] ?? '{}'))
const PERCENTILE = { policy: 'percentile', value: 99.5 } as const
const NO_LATENT = new Float32Array(0)
const thresholdOf = (calibration: Calibration) => resolveThreshold(calibration, PERCENTILE)
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
const title = ({ family, correlation }: Omit<ScoreProcess, 'seed'>) => `${family} ${correlation}`

/** Drift that is reported in weeks without any, by kind. */
function falseAlarms(process: Omit<ScoreProcess, 'seed'>): string {
  const found = { level: 0, distribution: 0 }
  for (let seed = 0; seed < seeds; seed++) {
    const one = { ...process, seed: 10_000 * seed }
    const calibration = calibrationOf(one)
    const threshold = thresholdOf(calibration)
    const detector = new DriftDetector(calibration, config)
    const next = scoreStream({ ...one, seed: one.seed + 5 })
    for (let i = 0; i < SECONDS.week; i++) {
      const score = next()
      for (const { kind, change } of detector.push(score, score > threshold, i * 1000))
        if (change === 'began') found[kind]++
    }
  }
  return `${(found.level / seeds).toFixed(2)} ${(found.distribution / seeds).toFixed(2)}`
}

/** Minutes until a change of the level is reported; Infinity: not within a day. */
function delay(process: ScoreProcess, factor: number): number {
  const calibration = calibrationOf(process)
  const threshold = thresholdOf(calibration)
  const detector = new DriftDetector(calibration, config)
  const next = scoreStream({ ...process, seed: process.seed + 6 })
  const start = SECONDS.day / 2
  for (let i = 0; i < start + SECONDS.day; i++) {
    const score = next(i < start ? 1 : factor)
    const changes = detector.push(score, score > threshold, i * 1000)
    if (i >= start && changes.some(({ kind }) => kind === 'level')) return (i - start) / 60
  }
  return Number.POSITIVE_INFINITY
}

/** Level drift that is reported in a week with an anomaly every six hours. */
function anomalies(handling: 'left out' | 'cut off' | 'counted', minutes: number, factor: number): number {
  const process: ScoreProcess = { family: 'lognormal', correlation: 0.9, spread: 0.3, seed: 0 }
  const calibration = calibrationOf(process)
  const threshold = thresholdOf(calibration)
  const detector = new DriftDetector(calibration, config)
  const next = scoreStream({ ...process, seed: 5 })
  let found = 0
  for (let i = 0; i < SECONDS.week; i++) {
    const score = next(i > 2 * SECONDS.hour && i % (6 * SECONDS.hour) < minutes * 60 ? factor : 1)
    const value = handling === 'cut off' ? Math.min(score, threshold) : score
    for (const { change } of detector.push(value, handling === 'left out' && score > threshold, i * 1000)) {
      if (change === 'began') found++
    }
  }
  return found
}

/** Episodes, and drift events, of a day whose level changes after three hours. */
function day(correlation: number, factor: number, absorbs: boolean): string {
  const process: ScoreProcess = { family: 'lognormal', correlation, spread: 0.3, seed: 11 }
  const baseline = new Baseline(calibrationOf(process), {
    threshold: PERCENTILE,
    drift: absorbs ? config : { ...config, absorb_after: 0 },
    daily: dailySchema.parse({}),
    recalibration: recalibrationSchema.parse({}),
  })
  const judge = new Judge(baseline, new Detector({ open_after: 2, close_after: 3, cooldown: 0, update_every: 1 }))
  const next = scoreStream({ ...process, seed: 16 })
  let opened = 0
  let drift = 0
  for (let i = 0; i < SECONDS.day; i++) {
    const score = next(i < 3 * SECONDS.hour ? 1 : factor)
    const where = { source: 's', id: `s/${i}`, index: i, stream: 's', offset: i, time: i * 1000, duration: 1 }
    for (const { type } of judge.push({ ...where, score, late: false, latent: NO_LATENT }).events) {
      if (type === 'episode.opened') opened++
      if (type.startsWith('drift')) drift++
    }
  }
  return absorbs ? `${opened} (${drift})` : `${opened}`
}

console.log(
  'scores: reported per week without drift (level, distribution); minutes to a level of 1.1, 1.2, 1.5, 0.8: median (largest)',
)
for (const process of PROCESSES) {
  const delays = [1.1, 1.2, 1.5, 0.8].map(factor => {
    const all = Array.from({ length: 2 * seeds }, (_, seed) => delay({ ...process, seed: 10_000 * seed }, factor))
    return `${median(all).toFixed(0)} (${Math.max(...all).toFixed(0)})`
  })
  console.log(`${title(process)}: ${falseAlarms(process)}; ${delays.join(', ')}`)
}
console.log('anomalies every six hours: level drift reported in a week, for 2, 10, 30 minutes at 4 times the level')
for (const handling of ['left out', 'cut off', 'counted'] as const) {
  console.log(`${handling}: ${[2, 10, 30].map(minutes => anomalies(handling, minutes, 4)).join(', ')}`)
}
console.log('episodes of a day on a new level: without absorption, and with it (drift events)')
for (const correlation of [0, 0.5, 0.9]) {
  const counts = [1, 1.1, 1.2, 1.3, 1.5, 2, 3, 5].map(
    factor => `×${factor} ${day(correlation, factor, false)} → ${day(correlation, factor, true)}`,
  )
  console.log(`correlation ${correlation}: ${counts.join(', ')}`)
}
