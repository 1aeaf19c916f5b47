import { AuscultError } from '../errors.ts'
import { type ByteSource, fileBytes } from './bytes.ts'
import { type Format, resolveFormat } from './format.ts'
import type { Frames } from './frames.ts'
import { openNpy } from './npy.ts'
import { openNpz } from './npz.ts'
import { assertFinite } from './numbers.ts'
import { openRaw } from './raw.ts'
import type { ArrayRecording, AudioRecording, OpenOptions, Recording } from './recording.ts'
import { resample } from './resample.ts'
import { openSparse } from './sparse.ts'
import { openWav } from './wav.ts'

export type { ArrayRecording, AudioRecording, OpenOptions, Recording } from './recording.ts'

/**
 * Opens a file as sound or as frames, by its extension or the declared format. Reads headers only (an .npz archive whole), and
 * keeps no file open.
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE, AUSCULT_CONFIG (a shape is needed and none is declared)
 */
export async function openRecording(path: string, options: OpenOptions = {}): Promise<Recording> {
  const file = fileBytes(path)
  const format = resolveFormat(path, options.format?.format)
  if (format === 'wav') return openAudio(file, options.sampleRate ?? null)
  return checkedFrames(path, openFrames(file, format, options))
}

async function openAudio(file: ByteSource, sampleRate: number | null): Promise<AudioRecording> {
  const original = openWav(file)
  const samples = sampleRate === null ? original : await resample(original, sampleRate)
  const readUnchecked = (start: number, count: number) => {
    assertWithin(start, count, samples.length, file.name)
    return samples.read(start, count)
  }
  return {
    kind: 'audio',
    path: file.name,
    sampleRate: samples.sampleRate,
    fileSampleRate: original.sampleRate,
    channels: original.channels,
    length: samples.length,
    readUnchecked,
    read: (start, count) => {
      const values = readUnchecked(start, count)
      assertFinite(
        values,
        file.name,
        i => `sample ${start + i} (at ${((start + i) / samples.sampleRate).toFixed(3)} s)`,
      )
      return values
    },
  }
}

function openFrames(file: ByteSource, format: Exclude<Format, 'wav'>, options: OpenOptions): Frames {
  const shape = options.format?.shape ?? options.shape
  if (format === 'npy') return openNpy(file, shape)
  if (format === 'npz') return openNpz(file, shape)
  if (!shape) {
    throw new AuscultError('AUSCULT_CONFIG', `the shape of a frame is needed to read ${format} files`, {
      at: file.name,
      remedy: 'Declare `shape` beside `format`, e.g. `shape: [200, 128]`.',
    })
  }
  return format === 'raw' ? openRaw(file, options.format?.dtype ?? 'f32le', shape) : openSparse(file, shape)
}

function checkedFrames(path: string, frames: Frames): ArrayRecording {
  const read = (i: number) => {
    assertWithin(i, 1, frames.count, path)
    const values = frames.read(i)
    assertFinite(values, path, at => `value ${at} of frame ${i}`)
    return values
  }
  return { kind: 'array', path, count: frames.count, shape: frames.shape, read }
}

function assertWithin(start: number, count: number, length: number, path: string): void {
  if (start >= 0 && count >= 0 && start + count <= length && Number.isInteger(start + count)) return
  throw new RangeError(`${path}: ${start} … ${start + count} is not inside 0 … ${length}`)
}
