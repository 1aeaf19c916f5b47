import { openRecording } from '../ingest/decode.ts'
import type { InputFormat } from '../ingest/format.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import type { ScannedRecording } from './scan.ts'
import type { Portion } from './split.ts'

/** How windows are read from a scanned recording. */
export interface WindowFormat {
  format: InputFormat
  windowShape: readonly number[]
  sampleRate: number | null
}

/**
 * Windows of a part of a recording, each a fresh array; samples beyond its end are zero.
 * @throws what reading throws: AUSCULT_INPUT_INVALID, AUSCULT_NON_FINITE with file and position
 */
export async function* readWindows(
  recording: ScannedRecording,
  { from, to, step = 1 }: Pick<Portion, 'from' | 'to' | 'step'>,
  { format, windowShape, sampleRate }: WindowFormat,
): AsyncGenerator<{ offset: number; data: Float32Array }> {
  const opened = await openRecording(recording.path, { format, shape: windowShape, sampleRate })
  const size = sizeOf(windowShape)
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
