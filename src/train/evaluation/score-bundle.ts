import { checkConfig } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { inputFormatSchema } from '../../ingest/format.ts'
import type { Bundle } from '../../model/bundle.ts'
import { loadScorer } from '../../model/bundle-scorer.ts'
import type { EngineOptions } from '../../model/engine.ts'
import type { Scorer } from '../../model/scorer.ts'
import { silentProgress } from '../../progress.ts'
import { labelledFiles } from '../labels.ts'
import { listRecordings, type PassedOver } from '../list-recordings.ts'
import { reportDevice } from '../report-device.ts'
import { type Dropped, type Scan, scanRecordings } from '../scan.ts'
import { type ScoredWindow, scoreWindows, wholeRecording } from '../score-windows.ts'
import type { WindowFormat } from '../windows.ts'
import type { EvaluateOptions } from './evaluation.ts'

/** The recordings of an evaluation as one bundle reads them. */
export interface ScannedFor {
  readonly files: readonly string[]
  readonly scan: Scan
  readonly format: WindowFormat
  readonly passedOver: PassedOver
}

export const ON_CPU: EngineOptions = { device: 'cpu', threads: 0 }

/** @throws AUSCULT_USAGE, AUSCULT_INPUT_…, AUSCULT_LABELS when there is nothing to score */
export async function scanFor(bundle: Bundle, options: EvaluateOptions): Promise<ScannedFor> {
  const format = bundleFormat(bundle)
  const { files, passedOver } = await recordingsOf(options, format)
  const scan = await scanRecordings(files, {
    ...format,
    otherLength: padsShort(bundle) ? 'pad' : 'drop',
    expectedSeconds: null,
    fragments: { position: 'fixed', per_file: null, hop_seconds: options.hopSeconds ?? null },
    dropConstant: false,
    seed: 0,
  })
  if (scan.recordings.length === 0) throw nothingToScore(scan.dropped)
  return { files, scan, format, passedOver }
}

/** What was padded in training is padded here, and a model that masks padding takes recordings of any length. */
const padsShort = ({ manifest }: Bundle): boolean =>
  manifest.other_length === 'pad' || manifest.front_end.mask_padding === true

/** In the place of latents that nobody asked for. */
const NO_LATENT = new Float32Array(0)

/** @param of what tells the bundle from others in progress: ` with pump` */
export async function scoreWith(bundle: Bundle, scanned: ScannedFor, options: EvaluateOptions, of = '') {
  const { progress = silentProgress } = options
  const engine = options.engine ?? ON_CPU
  const scorer = await loadScorer(bundle.folder, engine)
  try {
    // Bundles that are compared compute on the same.
    if (bundle.folder === options.bundle) reportDevice(progress, engine.device, scorer)
    return await scoreAll(scorer, scanned, options, of)
  } finally {
    progress.close()
    await scorer.close()
  }
}

export async function scoreAll(scorer: Scorer, { scan, format }: ScannedFor, options: EvaluateOptions, of = '') {
  const { progress = silentProgress } = options
  const windows: ScoredWindow[] = []
  const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
  const total = scan.recordings.reduce((sum, { offsets }) => sum + offsets.length, 0)
  const details = [`${scan.recordings.length} recordings`]
  const keepsLatents = Boolean(options.clusters || options.report)
  for await (const window of scoreWindows(scorer, recordings, scan.recordings.map(wholeRecording), format)) {
    windows.push(keepsLatents ? window : { ...window, latent: NO_LATENT })
    progress.update({ title: `scoring${of}`, done: windows.length, total, details })
  }
  return windows
}

/** How a bundle's recordings are read. */
export function bundleFormat({ folder, manifest }: Bundle): WindowFormat {
  return {
    format: checkConfig(manifest.input ?? {}, inputFormatSchema, `${folder}: input`),
    windowShape: manifest.window.shape,
    sampleRate: manifest.window.sample_rate,
  }
}

async function recordingsOf({ paths = [], labels }: EvaluateOptions, { format }: WindowFormat) {
  if (paths.length > 0) return listRecordings(paths, { format: format.format, labels })
  if (labels) return { files: labelledFiles(labels), passedOver: {} }
  throw new AuscultError('AUSCULT_USAGE', 'there is nothing to evaluate', {
    remedy: 'Give recordings, or --labels with a file that names them.',
  })
}

function nothingToScore([{ path, reason }, ...others]: readonly Dropped[]): AuscultError {
  const more = others.length ? ` (and ${others.length} more)` : ''
  return new AuscultError('AUSCULT_INPUT_SHAPE', `no recording holds a window of this model: ${reason}${more}`, {
    at: path,
    remedy: 'Give recordings of the kind and length that the model was trained on.',
  })
}
