import { calibrate } from '../../src/model/calibration.ts'
import { Baseline } from '../../src/model/drift/baseline.ts'
import { driftSchema } from '../../src/model/drift/config.ts'
import { dailySchema } from '../../src/model/drift/daily.ts'
import { recalibrationSchema } from '../../src/model/drift/recalibrate.ts'
import type { ThresholdPolicy } from '../../src/model/threshold.ts'
import { Detector, type DetectorOptions } from '../../src/stream/detector.ts'
import { Judge } from '../../src/stream/judge.ts'

/** Of scores about 0.5. */
export const CALIBRATION = calibrate(Float32Array.from({ length: 2000 }, (_, i) => 0.5 + Math.sin(i) / 10))

const DETECTOR: DetectorOptions = { open_after: 2, close_after: 2, cooldown: 0, update_every: 1 }

/** A judge with a fixed threshold of 1, unless told otherwise, that takes no level for normal. */
export function judgeOf(
  detector: DetectorOptions = DETECTOR,
  threshold: ThresholdPolicy = { policy: 'value', value: 1 },
): Judge {
  const baseline = new Baseline(CALIBRATION, {
    threshold,
    drift: driftSchema.parse({ absorb_after: 0 }),
    daily: dailySchema.parse({}),
    recalibration: recalibrationSchema.parse({}),
  })
  return new Judge(baseline, new Detector(detector))
}
