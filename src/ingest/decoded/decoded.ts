import { setImmediate as nextTurn } from 'node:timers/promises'
import { AuscultError } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'
import type { MonoSamples } from '../wav.ts'
import { decodedOnce } from './cache.ts'
import type { SampleBlocks } from './sample-blocks.ts'

/** Sound that can only be decoded from its beginning on, decoded. */
export interface Decoded {
  readonly sampleRate: number
  readonly channels: number
  readonly samples: SampleBlocks
}

/**
 * The longest file that is decoded, 1 GiB of float32: 1.7 hours at 44.1 kHz, 4.6 at 16 kHz. Longer recordings belong into wav or FLAC,
 * which are read piece by piece.
 */
export const MAX_DECODED_SAMPLES = 2 ** 28

/** Milliseconds of decoding after which others get their turn. */
const SLICE_MS = 10

/** Opens a file that is decoded as a whole. */
export async function openDecoded(
  file: ByteSource,
  decode: (file: ByteSource) => Promise<Decoded>,
): Promise<MonoSamples> {
  const { sampleRate, channels, samples } = await decodedOnce(file, decode.name, async () => {
    const decoded = await decode(file)
    return { ...decoded, bytes: decoded.samples.bytes }
  })
  return { name: file.name, sampleRate, channels, length: samples.length, read: (start, n) => samples.read(start, n) }
}

/** Lets others have their turn when a slice of time is used up, so that decoding an hour of sound does not stall a daemon. */
export function timeSlices(): () => Promise<void> {
  let from = performance.now()
  return async () => {
    if (performance.now() - from < SLICE_MS) return
    await nextTurn()
    from = performance.now()
  }
}

export const tooLong = (file: ByteSource, limit: number): AuscultError =>
  new AuscultError('AUSCULT_INPUT_INVALID', `more than ${limit} samples cannot be decoded from one file`, {
    at: file.name,
    remedy: 'Convert it to .flac or .wav, which are read piece by piece at any length, or cut it.',
  })
