import { seeded } from '../random.ts'
import type { Portion, Split, SplitOptions } from './split.ts'

/**
 * Splits the recordings of each class as splitRecordings does those of all, so that every class is trained on and calibrates, and
 * validates where it has three recordings or more.
 * @param recordings two or more of each class
 * @param classes the class of each recording, 0 …
 */
export function splitClasses(
  recordings: readonly { path: string; windows: number }[],
  classes: readonly number[],
  { validation, calibration, seed }: SplitOptions,
): Split {
  const parts = { train: [] as number[], validation: [] as number[], calibration: [] as number[] }
  for (const index of new Set([...classes].sort((a, b) => a - b))) {
    const own = recordings.flatMap((_, i) => (classes[i] === index ? [i] : []))
    const order = seeded(seed, index).shuffle(own)
    const count = (share: number, most: number) =>
      Math.min(most, share > 0 ? Math.max(1, Math.round(share * own.length)) : 0)
    const validating = count(validation, own.length - 2)
    const calibrating = count(calibration, own.length - 1 - validating)
    parts.calibration.push(...order.slice(0, calibrating))
    parts.validation.push(...order.slice(calibrating, calibrating + validating))
    parts.train.push(...order.slice(calibrating + validating))
  }
  const portions = (part: number[]): Portion[] =>
    part.sort((a, b) => a - b).map(i => ({ path: recordings[i].path, from: 0, to: recordings[i].windows }))
  return {
    train: portions(parts.train),
    validation: portions(parts.validation),
    calibration: portions(parts.calibration),
  }
}
