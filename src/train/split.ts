import { AuscultError } from '../errors.ts'
import { seeded } from '../random.ts'

/** A part of a recording by its windows: `[from, to)`, or every `step`-th of them. */
export interface Portion {
  readonly path: string
  readonly from: number
  readonly to: number
  readonly step?: number
}

export interface Split {
  readonly train: Portion[]
  readonly validation: Portion[]
  readonly calibration: Portion[]
  /** Set when files were cut because there were too few of them. */
  readonly warning?: string
}

export interface SplitOptions {
  /** Share of the recordings that chooses the best epoch, 0…0.5. */
  validation: number
  /** Share of the recordings that thresholds are computed from, above 0, up to 0.5. */
  calibration: number
  seed: number
}

/**
 * Splits recordings into training, validation and calibration, whole files at a time, so that neighbouring windows of one recording
 * never lie on both sides. With fewer files than parts each file is cut into contiguous blocks instead.
 * @throws AUSCULT_TRAINING when there are too few windows for every part
 */
export function splitRecordings(
  recordings: readonly { path: string; windows: number }[],
  options: SplitOptions,
): Split {
  const parts = options.validation > 0 ? 3 : 2
  if (recordings.length < parts) return splitBlocks(recordings, options, parts)
  const order = seeded(options.seed).shuffle(recordings.map((_, i) => i))
  const count = (share: number) => (share > 0 ? Math.max(1, Math.round(share * recordings.length)) : 0)
  const heldOut = Math.min(count(options.validation) + count(options.calibration), recordings.length - 1)
  const calibration = Math.max(1, heldOut - count(options.validation))
  const take = (from: number, to: number): Portion[] =>
    order
      .slice(from, to)
      .sort((a, b) => a - b)
      .map(i => ({ path: recordings[i].path, from: 0, to: recordings[i].windows }))
  return {
    calibration: take(0, calibration),
    validation: take(calibration, heldOut),
    train: take(heldOut, recordings.length),
  }
}

/** The start of each file trains, then validates, and its end calibrates. */
function splitBlocks(
  recordings: readonly { path: string; windows: number }[],
  options: SplitOptions,
  parts: number,
): Split {
  const split = { train: [] as Portion[], validation: [] as Portion[], calibration: [] as Portion[] }
  for (const { path, windows } of recordings) {
    if (windows < parts) {
      throw new AuscultError('AUSCULT_TRAINING', `${windows} windows are too few to train and calibrate with`, {
        at: path,
        remedy: `Give at least ${parts} recordings, or longer ones.`,
      })
    }
    const block = (share: number, most: number) => Math.min(most, Math.max(1, Math.round(share * windows)))
    const calibrationFrom = windows - block(options.calibration, windows - parts + 1)
    const validationFrom = calibrationFrom - (parts === 3 ? block(options.validation, calibrationFrom - 1) : 0)
    split.train.push({ path, from: 0, to: validationFrom })
    if (options.validation > 0) split.validation.push({ path, from: validationFrom, to: calibrationFrom })
    split.calibration.push({ path, from: calibrationFrom, to: windows })
  }
  const files = recordings.length === 1 ? 'there is 1 recording' : `there are ${recordings.length} recordings`
  const warning = `${files}, too few to split by file: split by time instead, so held-out scores may be optimistic`
  return { ...split, warning }
}
