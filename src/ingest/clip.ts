import type { AudioClip, Clip, EncodedClip, FrameClip } from '../clip.ts'
import { encodeNpy } from './npy-encode.ts'
import { encodeNpz } from './npz.ts'
import { encodeWav } from './wav-encode.ts'

/** Sound as .wav, frames as .npz with `frames`, `times` (milliseconds since the epoch) and `scores`. Nothing is lost. */
export async function encodeClip(clip: Clip): Promise<EncodedClip> {
  return clip.kind === 'audio' ? encodeAudio(clip) : encodeFrames(clip)
}

function encodeAudio({ samples, sampleRate }: AudioClip): EncodedClip {
  const encoding = samples.every(fitsInt16) ? 'int16' : 'float32'
  return { type: 'audio/wav', extension: '.wav', bytes: encodeWav(samples, sampleRate, encoding) }
}

/** Whether 16 bits hold it exactly, as they do what was recorded with 16 bits. */
const fitsInt16 = (sample: number): boolean => Number.isInteger(sample * 32768) && sample >= -1 && sample < 1

async function encodeFrames({ frames, shape, times, scores }: FrameClip): Promise<EncodedClip> {
  const bytes = await encodeNpz({
    frames: encodeNpy(frames, [times.length, ...shape]),
    times: encodeNpy(times, [times.length]),
    scores: encodeNpy(scores, [scores.length]),
  })
  return { type: 'application/zip', extension: '.npz', bytes }
}
