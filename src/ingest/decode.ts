import { AuscultError } from '../errors.ts'
import type { OpenOptions, Recording } from './recording.ts'

export type { ArrayRecording, AudioRecording, OpenOptions, Recording } from './recording.ts'

/**
 * Opens a file as sound or as frames, by its extension or the declared format. Reads headers only; no file is kept open.
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE, AUSCULT_CONFIG (a shape is needed and not declared)
 */
export async function openRecording(path: string, options: OpenOptions = {}): Promise<Recording> {
  throw new AuscultError('AUSCULT_INPUT_INVALID', `not yet ${options}`, { at: path })
}
