import { AuscultError } from '../errors.ts'
import { openRecording } from '../ingest/decode.ts'
import { type InputFormat, isSoundFormat, resolveFormat } from '../ingest/format.ts'
import type { Recording } from '../ingest/recording.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import type { ScannedRecording } from './scan.ts'
import type { Portion } from './split.ts'

/** How windows are read from a scanned recording. */
export interface WindowFormat {
  format: InputFormat
  windowShape: readonly number[]
  sampleRate: number | null
}

/** Whether a file is read as sound. @throws AUSCULT_INPUT_INVALID when neither its extension nor the declared format says */
export const isSound = (path: string, format: InputFormat['format']): boolean =>
  isSoundFormat(resolveFormat(path, format))

/**
 * Opens a file as what the model takes.
 * @throws AUSCULT_INPUT_SHAPE when the file is sound and the model takes frames, or the reverse; what openRecording throws
 */
export function openFor(path: string, { format, windowShape, sampleRate }: WindowFormat): Promise<Recording> {
  const sound = isSound(path, format.format)
  if (sound === (sampleRate !== null)) {
    return openRecording(path, sound ? { format, sampleRate } : { format, shape: windowShape })
  }
  const [is, takes] = sound ? ['sound', 'frames or features'] : ['no sound', 'sound']
  throw new AuscultError('AUSCULT_INPUT_SHAPE', `is ${is}, but the model takes ${takes}`, {
    at: path,
    remedy: 'Give other files, or choose another front_end.type when training.',
  })
}

/**
 * Windows of a part of a recording, each a fresh array; samples beyond its end are zero.
 * @throws what reading throws: AUSCULT_INPUT_INVALID, AUSCULT_NON_FINITE with file and position
 */
export async function* readWindows(
  recording: ScannedRecording,
  { from, to, step = 1 }: Pick<Portion, 'from' | 'to' | 'step'>,
  format: WindowFormat,
): AsyncGenerator<{ offset: number; data: Float32Array }> {
  const opened = await openFor(recording.path, format)
  const size = sizeOf(format.windowShape)
  for (let i = from; i < to; i += step) {
    const offset = recording.offsets[i]
    if (opened.kind === 'array') {
      yield { offset, data: opened.read(offset) }
      continue
    }
    const count = Math.max(0, Math.min(size, opened.length - offset))
    const samples = opened.read(Math.min(offset, opened.length), count)
    if (count === size) yield { offset, data: samples }
    else {
      const data = new Float32Array(size)
      data.set(samples)
      yield { offset, data }
    }
  }
}

/** The windows of portions, one after the other. @throws what readWindows throws */
export async function* windowsOf(
  { recordings, format }: { recordings: ReadonlyMap<string, ScannedRecording>; format: WindowFormat },
  portions: readonly Portion[],
): AsyncGenerator<{ path: string; offset: number; data: Float32Array }> {
  for (const portion of portions) {
    const { path } = portion
    for await (const window of readWindows(recordings.get(path)!, portion, format)) yield { path, ...window }
  }
}

export const countWindows = (portions: readonly Pick<Portion, 'from' | 'to' | 'step'>[]): number =>
  portions.reduce((sum, { from, to, step = 1 }) => sum + Math.ceil((to - from) / step), 0)
