import { open } from 'node:fs/promises'
import { encodeWav } from '../../ingest/wav-encode.ts'
import { SAMPLE_RATE } from './frame.ts'
import type { Synthesizer } from './synthesizer.ts'

/** Samples written at a time. */
const BLOCK = 10 * SAMPLE_RATE
const HEADER = 44

/**
 * Records the next `seconds` of a synthesizer as wav, mono, 16 bit, a few seconds in memory at a time.
 * @param onProgress called with the seconds written since the last call; what it throws ends the recording
 */
export async function recordWav(
  path: string,
  synthesizer: Synthesizer,
  seconds: number,
  onProgress: (seconds: number) => void = () => {},
): Promise<void> {
  const samples = Math.round(seconds * SAMPLE_RATE)
  const file = await open(path, 'w')
  try {
    await file.write(headerOf(samples))
    for (let written = 0; written < samples; ) {
      const block = synthesizer.read(Math.min(BLOCK, samples - written))
      await file.write(encodeWav(block, SAMPLE_RATE).subarray(HEADER))
      written += block.length
      onProgress(block.length / SAMPLE_RATE)
    }
  } finally {
    await file.close()
  }
}

/** The header of an empty file, with the sizes of one that holds `samples`. */
function headerOf(samples: number): Uint8Array {
  const header = encodeWav(new Float32Array(0), SAMPLE_RATE)
  const view = new DataView(header.buffer, header.byteOffset)
  view.setUint32(4, HEADER - 8 + 2 * samples, true)
  view.setUint32(40, 2 * samples, true)
  return header
}
