import { counted } from './counted.ts'
import type { Portion } from './split.ts'

export { calibrate } from '../model/calibration.ts'

/** Fewer say nothing of a 99.5th percentile but their largest score. */
const ENOUGH_WINDOWS = 100

const REMEDY = 'give more recordings, or raise split.calibration'

/** What a threshold rests on, where that is too little to trust it. */
export function calibrationWarning(calibration: readonly Portion[], remedy = REMEDY): string[] {
  const windows = calibration.reduce((sum, { from, to }) => sum + to - from, 0)
  const files = new Set(calibration.map(({ path }) => path)).size
  const problem =
    windows < ENOUGH_WINDOWS
      ? `too few to trust a 99.5th percentile, which takes ${ENOUGH_WINDOWS} or more`
      : files === 1
        ? 'which does not show how recordings differ'
        : null
  if (problem === null) return []
  const rests = `thresholds rest on ${counted(windows, 'window')} of ${counted(files, 'recording')}`
  return [`${rests}, ${problem}: ${remedy}`]
}
