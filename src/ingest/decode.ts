import { AuscultError } from '../errors.ts'
import { type ByteSource, fileBytes } from './bytes.ts'
import { openCsv } from './csv/csv.ts'
import { openDecoded } from './decoded/decoded.ts'
import { openFlac } from './flac/flac.ts'
import { type Format, isSoundFormat, resolveFormat, type SoundFormat } from './format.ts'
import type { Frames } from './frames.ts'
import { openJpeg } from './image/jpeg.ts'
import { openPng } from './image/png.ts'
import { decodeMp3 } from './mp3/mp3.ts'
import { openNpy } from './npy.ts'
import { openNpz } from './npz.ts'
import { assertFinite } from './numbers.ts'
import { decodeOgg } from './ogg/ogg.ts'
import { openRaw } from './raw.ts'
import type { ArrayRecording, AudioRecording, OpenOptions, Recording } from './recording.ts'
import { resample } from './resample.ts'
import { openSparse } from './sparse.ts'
import { type MonoSamples, openWav } from './wav.ts'

export type { ArrayRecording, AudioRecording, OpenOptions, Recording } from './recording.ts'

/**
 * Opens a file as sound or as frames, by its extension or the declared format. Reads headers only (.npz, .ogg, .mp3 and .csv whole),
 * and keeps no file open.
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE, AUSCULT_CONFIG (a shape is needed and none is declared)
 */
export async function openRecording(path: string, options: OpenOptions = {}): Promise<Recording> {
  const file = fileBytes(path)
  const format = resolveFormat(path, options.format?.format)
  if (isSoundFormat(format)) return openAudio(await openSamples(file, format), options.sampleRate ?? null)
  return checkedFrames(path, await openFrames(file, format, options))
}

async function openSamples(file: ByteSource, format: SoundFormat): Promise<MonoSamples> {
  if (format === 'wav') return openWav(file)
  if (format === 'flac') return openFlac(file)
  return openDecoded(file, format === 'ogg' ? decodeOgg : decodeMp3)
}

async function openAudio(original: MonoSamples, sampleRate: number | null): Promise<AudioRecording> {
  const samples = sampleRate === null ? original : await resample(original, sampleRate)
  const readUnchecked = (start: number, count: number) => {
    assertWithin(start, count, samples.length, original.name)
    return samples.read(start, count)
  }
  return {
    kind: 'audio',
    path: original.name,
    sampleRate: samples.sampleRate,
    fileSampleRate: original.sampleRate,
    channels: original.channels,
    length: samples.length,
    readUnchecked,
    read: (start, count) => {
      const values = readUnchecked(start, count)
      assertFinite(
        values,
        original.name,
        i => `sample ${start + i} (at ${((start + i) / samples.sampleRate).toFixed(3)} s)`,
      )
      return values
    },
  }
}

async function openFrames(
  file: ByteSource,
  format: Exclude<Format, SoundFormat>,
  options: OpenOptions,
): Promise<Frames> {
  const shape = options.format?.shape ?? options.shape
  switch (format) {
    case 'npy':
      return openNpy(file, shape)
    case 'npz':
      return openNpz(file, shape)
    case 'png':
      return openPng(file, shape)
    case 'jpeg':
      return openJpeg(file, shape)
    case 'csv':
      return openCsv(file, shape, options.format?.columns)
    case 'raw':
      return openRaw(file, options.format?.dtype ?? 'f32le', needed(shape, format, file))
    case 'sparse':
      return openSparse(file, needed(shape, format, file))
  }
}

function needed(shape: readonly number[] | undefined, format: Format, file: ByteSource): readonly number[] {
  if (shape) return shape
  throw new AuscultError('AUSCULT_CONFIG', `the shape of a frame is needed to read ${format} files`, {
    at: file.name,
    remedy: 'Declare `shape` beside `format`, e.g. `shape: [200, 128]`.',
  })
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
