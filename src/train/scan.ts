import { AuscultError } from '../errors.ts'
import type { Recording } from '../ingest/recording.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import { counted } from './counted.ts'
import { type Fragments, fragmentOffsets } from './fragments.ts'
import { openFor, type WindowFormat } from './windows.ts'

/** A recording and the windows that are taken from it. */
export interface ScannedRecording {
  readonly path: string
  /** Sample (or frame) that each window starts at. */
  readonly offsets: readonly number[]
  /** Seconds between samples; null for frames. */
  readonly sampleRate: number | null
}

export interface Dropped {
  path: string
  reason: string
}

/** What windows are and how files become windows. */
export interface ScanOptions extends WindowFormat {
  otherLength: 'drop' | 'pad' | 'refuse'
  expectedSeconds: number | null
  fragments: Fragments
  /** Files whose values are all the same are left out with a warning. */
  dropConstant: boolean
  seed: number
}

export interface Scan {
  recordings: ScannedRecording[]
  dropped: Dropped[]
  warnings: string[]
}

const LISTED = 10

/**
 * Opens each file once, by its header, and says which windows it gives.
 * @throws what openRecording throws; AUSCULT_INPUT_SHAPE listing files of another length where those are refused, or when a file is
 *   sound and the model takes frames, or the reverse
 */
export async function scanRecordings(
  files: readonly string[],
  options: ScanOptions,
  onFile: (done: number) => void = () => {},
): Promise<Scan> {
  const scan: Scan = { recordings: [], dropped: [], warnings: [] }
  for (const [index, path] of files.entries()) {
    const result = await scanOne(path, index, options)
    if ('offsets' in result) scan.recordings.push(result)
    else scan.dropped.push(result)
    if ('reason' in result && result.reason === CONSTANT) {
      scan.warnings.push(`${path}: every sample has the same value (a silent or dead sensor?); the file is left out`)
    }
    onFile(index + 1)
  }
  const refused = scan.dropped.filter(({ reason }) => reason !== CONSTANT)
  if (options.otherLength === 'refuse' && refused.length) throw lengthError(refused)
  return scan
}

const CONSTANT = 'constant signal'

async function scanOne(path: string, index: number, options: ScanOptions): Promise<ScannedRecording | Dropped> {
  const opened = await open(path, options)
  if ('reason' in opened) return opened
  const { recording } = opened
  const length = recording.kind === 'audio' ? audioLength(recording, options) : frameCount(recording, options)
  if (typeof length !== 'number') return { path, reason: length.reason }
  const size = recording.kind === 'audio' ? sizeOf(options.windowShape) : 1
  const rate = recording.kind === 'audio' ? recording.sampleRate : null
  const offsets = fragmentOffsets(length, size, rate, options.fragments, [options.seed, index])
  if (options.dropConstant && recording.kind === 'audio' && isConstant(recording)) return { path, reason: CONSTANT }
  return { path, offsets, sampleRate: rate }
}

/** A file that is no whole number of frames is left out like one of another length. */
async function open(path: string, options: ScanOptions): Promise<{ recording: Recording } | Dropped> {
  const opening = openFor(path, options)
  try {
    return { recording: await opening }
  } catch (error) {
    const isLength = error instanceof AuscultError && error.code === 'AUSCULT_INPUT_SHAPE'
    if (!isLength || options.otherLength !== 'drop') throw error
    return { path, reason: error.message }
  }
}

/** Samples to use, more than there are where the rest is padded; or why the file is left out. */
function audioLength(
  { length, sampleRate }: Extract<Recording, { kind: 'audio' }>,
  { windowShape, expectedSeconds, otherLength }: ScanOptions,
): number | { reason: string } {
  const window = sizeOf(windowShape)
  const seconds = (samples: number) => `${Number((samples / sampleRate).toFixed(3))} s`
  const expected = expectedSeconds === null ? null : Math.round(expectedSeconds * sampleRate)
  if (expected !== null && Math.abs(length - expected) > 1) {
    if (otherLength !== 'pad') return { reason: `${seconds(length)} long instead of ${seconds(expected)}` }
    return Math.max(expected, window)
  }
  if (length >= window) return length
  return otherLength === 'pad'
    ? window
    : { reason: `${seconds(length)} long, shorter than a window of ${seconds(window)}` }
}

function frameCount(
  { count, shape }: Extract<Recording, { kind: 'array' }>,
  { windowShape }: ScanOptions,
): number | { reason: string } {
  if (count === 0) return { reason: 'holds no frame' }
  const fits = sizeOf(shape) === sizeOf(windowShape)
  return fits ? count : { reason: `frames of ${shape.join(' × ')} instead of ${windowShape.join(' × ')}` }
}

/** Reads only until a value differs from the first. */
function isConstant(recording: Extract<Recording, { kind: 'audio' }>): boolean {
  const step = 65_536
  let first: number | undefined
  for (let at = 0; at < recording.length; at += step) {
    const samples = recording.readUnchecked(at, Math.min(step, recording.length - at))
    first ??= samples[0]
    if (!samples.every(value => value === first)) return false
  }
  return true
}

function lengthError(refused: readonly Dropped[]): AuscultError {
  const lines = refused.slice(0, LISTED).map(({ path, reason }) => `  ${path}: ${reason}`)
  const more = refused.length > LISTED ? `\n  and ${refused.length - LISTED} more` : ''
  const have = refused.length === 1 ? 'has' : 'have'
  const message = `${counted(refused.length, 'file')} ${have} another length or shape:\n${lines.join('\n')}${more}`
  return new AuscultError('AUSCULT_INPUT_SHAPE', message, {
    at: 'input.other_length: refuse',
    remedy: 'Remove them, or set input.other_length to drop or pad.',
  })
}
