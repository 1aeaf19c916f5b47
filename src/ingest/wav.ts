import type { ByteSource } from './bytes.ts'
import { decodeNumbers } from './numbers.ts'
import { readWavHeader } from './wav-header.ts'

/** Sound at the rate of its file, mixed down to one channel. */
export interface MonoSamples {
  readonly name: string
  readonly sampleRate: number
  readonly channels: number
  /** Number of samples. */
  readonly length: number
  /** Samples `start … start + count − 1`, which must exist. Not checked for NaN. */
  read(start: number, count: number): Float32Array
}

/** Bytes that are decoded at a time, whatever the number of channels. */
const PIECE_BYTES = 2 ** 22

/**
 * A wav file, of which only the stretch that is asked for is read. Integers are scaled to [−1, 1) as libsndfile does
 * (int16 / 32768, (uint8 − 128) / 128, …); channels are mixed by their mean, as librosa does.
 * @throws AUSCULT_INPUT_INVALID
 */
export function openWav(file: ByteSource): MonoSamples {
  const { channels, sampleRate, type, frameBytes, dataOffset, frames } = readWavHeader(file)
  const scale = type.kind === 'f' ? 1 : 2 ** (1 - 8 * type.width)
  const bias = type.kind === 'u' ? -(2 ** (8 * type.width - 1)) : 0
  const piece = Math.max(1, Math.floor(PIECE_BYTES / frameBytes))

  const read = (start: number, count: number): Float32Array => {
    const mono = new Float32Array(count)
    for (let done = 0; done < count; done += piece) {
      const n = Math.min(piece, count - done)
      const values = decodeNumbers(file.read(dataOffset + (start + done) * frameBytes, n * frameBytes), type)
      if (channels === 1) scaleSamples(values, bias, scale, mono, done)
      else mixDown(values, channels, bias, scale, mono, done)
    }
    return mono
  }
  return { name: file.name, sampleRate, channels, length: frames, read }
}

function scaleSamples(values: Float32Array, bias: number, scale: number, out: Float32Array, from: number): void {
  for (let i = 0; i < values.length; i++) out[from + i] = (values[i] + bias) * scale
}

function mixDown(
  values: Float32Array,
  channels: number,
  bias: number,
  scale: number,
  out: Float32Array,
  from: number,
): void {
  for (let v = 0, i = from; v < values.length; i++) {
    let sum = 0
    for (const end = v + channels; v < end; v++) sum += values[v]
    out[i] = (sum / channels + bias) * scale
  }
}
