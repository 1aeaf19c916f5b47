import type { Clip } from '../../clip.ts'
import type { ClipInfo } from './evidence.ts'
import { joinWindows } from './join.ts'
import type { Surroundings } from './surroundings.ts'

/** What windows are. */
export interface ClipSpec {
  readonly shape: readonly number[]
  /** Samples per second; null for frames. */
  readonly sampleRate: number | null
}

/** A clip, and what is said of it once its file has a name. */
export interface DescribedClip {
  readonly clip: Clip
  describe(file: string): ClipInfo
}

/** Copies the windows around the worst: sound as one piece, frames side by side. */
export function clipOf({ windows, peak }: Surroundings, { shape, sampleRate }: ClipSpec): DescribedClip {
  const index = windows.indexOf(peak)
  if (sampleRate !== null) {
    const { samples, from, gaps } = joinWindows(windows, index)
    const info = { sample_rate: sampleRate, stream: peak.stream, from, samples: samples.length, gaps: [...gaps] }
    const place = { from: peak.offset - from, samples: peak.data.length }
    return {
      clip: { kind: 'audio', samples, sampleRate },
      describe: file => ({ file, type: 'audio/wav', ...info, peak: place }),
    }
  }
  const size = peak.data.length
  const frames = new Float32Array(windows.length * size)
  windows.forEach(({ data }, i) => {
    frames.set(data, i * size)
  })
  const times = Float64Array.from(windows, ({ time }) => time)
  const scores = Float64Array.from(windows, ({ score }) => score)
  return {
    clip: { kind: 'frames', frames, shape, times, scores },
    describe: file => ({ file, type: 'application/zip', frames: times.length, shape: [...shape], peak: index }),
  }
}
