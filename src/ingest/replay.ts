import { AuscultError } from '../errors.ts'
import { formatShape, sizeOfShape } from './frames.ts'
import { assertFinite } from './numbers.ts'
import type { AudioRecording, Recording } from './recording.ts'
import type { WindowSpec } from './source.ts'
import { type Cut, type Tail, Windower } from './windower.ts'

/** A window of a recording, or why there is none at this place. Offsets and lengths are in samples or frames. */
export interface Piece {
  readonly offset: number
  readonly length: number
  readonly data?: Float32Array
  readonly error?: unknown
}

/** Samples that are read at a time: some windows' worth, within bounds. */
const chunkOf = (hop: number): number => Math.max(4096, Math.min(65536, 8 * hop))

/**
 * The windows of a recording, in order, read as they are asked for. A window with NaN or infinite values comes as an error of its
 * own; a read that fails ends the recording with an error.
 * @throws AUSCULT_INPUT_SHAPE when the recording is of another kind or shape, or shorter than a window
 */
export function* replay(recording: Recording, spec: WindowSpec, tail: Tail): Generator<Piece> {
  if (recording.kind === 'audio') {
    assertSound(recording, spec, tail)
    yield* replaySound(recording, spec, tail)
    return
  }
  const { shape } = recording
  if (spec.sampleRate !== null || formatShape(shape) !== formatShape(spec.shape)) {
    const wanted = spec.sampleRate === null ? `frames of ${formatShape(spec.shape)}` : 'sound'
    throw wrongShape(recording.path, `the file holds frames of ${formatShape(shape)}, the model wants ${wanted}`)
  }
  for (let i = 0; i < recording.count; i++) yield attempt(i, 1, () => recording.read(i))
}

function* replaySound(recording: AudioRecording, { shape, hop }: WindowSpec, tail: Tail): Generator<Piece> {
  const size = sizeOfShape(shape)
  const windower = new Windower({ size, hop, tail })
  const pieceOf = ({ offset, data }: Cut) => attempt(offset, size, () => finite(data, offset, recording.path))
  const chunk = chunkOf(hop)
  for (let position = 0; position < recording.length; position += chunk) {
    let samples: Float32Array
    try {
      samples = recording.readUnchecked(position, Math.min(chunk, recording.length - position))
    } catch (error) {
      yield { offset: position, length: size, error }
      return
    }
    for (const cut of windower.push(samples)) yield pieceOf(cut)
  }
  for (const cut of windower.flush()) yield pieceOf(cut)
}

function assertSound(recording: AudioRecording, { shape, sampleRate }: WindowSpec, tail: Tail): void {
  const size = sizeOfShape(shape)
  if (sampleRate === null) {
    throw wrongShape(recording.path, `the file holds sound, the model wants frames of ${formatShape(shape)}`)
  }
  if (recording.length < size && tail === 'drop') {
    const message = `${recording.length} samples at ${sampleRate} Hz are shorter than a window of ${size}`
    throw wrongShape(recording.path, message, 'Leave it out, or set `tail: pad` to fill it up with zeros.')
  }
}

function attempt(offset: number, length: number, read: () => Float32Array): Piece {
  try {
    return { offset, length, data: read() }
  } catch (error) {
    return { offset, length, error }
  }
}

function finite(data: Float32Array, offset: number, path: string): Float32Array {
  assertFinite(data, path, i => `sample ${offset + i}`)
  return data
}

const wrongShape = (at: string, message: string, remedy = 'Use files like those that the model was trained on.') =>
  new AuscultError('AUSCULT_INPUT_SHAPE', message, { at, remedy })
