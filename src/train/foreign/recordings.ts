import { checkConfig } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { inputFormatSchema } from '../../ingest/format.ts'
import type { ForeignManifest } from '../../model/foreign/manifest.ts'
import { createFrontEnd, sampleRateOf } from '../../model/frontends/create.ts'
import type { Progress } from '../../progress.ts'
import type { Assessed } from '../assess.ts'
import { calibrationWarning } from '../calibrate.ts'
import { formatPassedOver, listRecordings } from '../list-recordings.ts'
import { type Dropped, type Scan, scanRecordings } from '../scan.ts'
import { wholeRecording } from '../score-windows.ts'
import type { Portion } from '../split.ts'

/** Recordings that a model is calibrated with. */
export interface CalibrationData extends Assessed {
  readonly warnings: string[]
  readonly dropped: readonly Dropped[]
  readonly windows: number
}

/**
 * All windows of the recordings calibrate, and give the latents. Where a detector is fitted, every other recording is for that: a window
 * that it was fitted to is at no distance from itself.
 * @throws AUSCULT_INPUT_…
 */
export async function calibrationData(
  paths: readonly string[],
  { front_end, recordings: declared, score }: ForeignManifest,
  options: { at: string; hopSeconds?: number; progress: Progress },
): Promise<CalibrationData> {
  const { progress } = options
  const format = {
    format: checkConfig(declared, inputFormatSchema, `${options.at}: recordings`),
    windowShape: createFrontEnd(front_end).windowShape,
    sampleRate: sampleRateOf(front_end),
  }
  const { files, passedOver } = await listRecordings(paths, { format: format.format.format })
  if (Object.keys(passedOver).length > 0) progress.line(`passed over ${formatPassedOver(passedOver)}`)
  const scan = await scanRecordings(
    files,
    {
      ...format,
      otherLength: 'drop',
      expectedSeconds: null,
      fragments: { position: 'fixed', per_file: null, hop_seconds: options.hopSeconds ?? null },
      dropConstant: true,
      seed: 0,
    },
    done => progress.update({ title: 'opening recordings', done, total: files.length }),
  )
  if (scan.recordings.length === 0) throw nothingLeft(scan)
  const all = scan.recordings.map(wholeRecording)
  const { train, calibration } = score === 'error' ? { train: all, calibration: all } : halves(all)
  return {
    format,
    recordings: new Map(scan.recordings.map(recording => [recording.path, recording])),
    split: { train, validation: [], calibration },
    warnings: [...scan.warnings, ...calibrationWarning(calibration, 'give more recordings')],
    dropped: scan.dropped,
    windows: all.reduce((sum, { from, to }) => sum + to - from, 0),
  }
}

/** Of a single recording, its first windows and its last. @throws AUSCULT_TRAINING */
function halves(all: Portion[]): { train: Portion[]; calibration: Portion[] } {
  if (all.length > 1)
    return { train: all.filter((_, i) => i % 2 === 0), calibration: all.filter((_, i) => i % 2 === 1) }
  const [{ path, from, to }] = all
  const middle = Math.ceil((from + to) / 2)
  if (middle < to) return { train: [{ path, from, to: middle }], calibration: [{ path, from: middle, to }] }
  throw new AuscultError('AUSCULT_TRAINING', 'one window cannot fit a detector and calibrate it', {
    at: path,
    remedy: 'Give more recordings of normal operation.',
  })
}

function nothingLeft({ dropped: [first, ...others] }: Scan): AuscultError {
  const more = others.length ? ` (and ${others.length} more)` : ''
  return new AuscultError('AUSCULT_INPUT_SHAPE', `no recording holds a window of this model: ${first.reason}${more}`, {
    at: first.path,
    remedy: 'Give recordings of the kind and length that the model was trained on.',
  })
}
