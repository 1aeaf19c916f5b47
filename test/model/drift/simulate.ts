import { calibrate } from '../../../src/model/calibration.ts'
import type { Calibration } from '../../../src/model/manifest.ts'
import { seeded } from '../../../src/random.ts'

/** Scores of a source whose windows hang together. */
export interface ScoreProcess {
  readonly family: 'lognormal' | 'gamma'
  /** Correlation of neighbouring windows. */
  readonly correlation: number
  /** Deviation of ln score; for gamma 1/√shape, which is nearly that. */
  readonly spread: number
  readonly seed: number
}

/** @returns the next score on a level (1: that of the calibration): a normal autoregression, bent to its distribution */
export function scoreStream({ family, correlation, spread, seed }: ScoreProcess): (level?: number) => number {
  const random = seeded(seed, 77)
  const innovation = Math.sqrt(1 - correlation ** 2)
  const shape = 1 / spread ** 2
  let x = random.normal()
  return (level = 1) => {
    x = correlation * x + innovation * random.normal()
    // Wilson and Hilferty: a cube of a normal variable is all but gamma distributed.
    const score =
      family === 'gamma' ? Math.max(0, 1 - 1 / (9 * shape) + x / (3 * Math.sqrt(shape))) ** 3 : Math.exp(spread * x)
    return level * score
  }
}

/** The calibration of a bundle: `recordings` of 100 windows each. */
export function calibrationOf(process: ScoreProcess, recordings = 30): Calibration {
  const scores = Array.from({ length: recordings }, (_, i) => {
    const next = scoreStream({ ...process, seed: process.seed + 1000 + i })
    return Array.from({ length: 100 }, () => next())
  })
  return calibrate(scores.flat())
}

export const PROCESSES: readonly Omit<ScoreProcess, 'seed'>[] = (['lognormal', 'gamma'] as const).flatMap(family =>
  [0, 0.5, 0.9, 0.99].map(correlation => ({ family, correlation, spread: 0.3 })),
)
