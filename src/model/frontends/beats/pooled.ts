import type { FrontEnd } from '../frontend.ts'
import { medianOf } from '../tuning.ts'
import { type OnsetOptions, onsetStrength } from './onset-strength.ts'
import { segmentEdges } from './segments.ts'
import { type TrackOptions, trackBeats } from './track.ts'

export interface BeatPoolOptions extends OnsetOptions, Omit<TrackOptions, 'frameRate'> {
  /** Frames that are left. */
  count: number
  aggregate: 'mean' | 'median'
}

/**
 * Beat-synchronous features: the frames `[frames, bins, 1]` of a front end with the same hop, centred, become `[count, bins, 1]`,
 * each the mean or median of the frames between two beats.
 */
export function beatPooled(inner: FrontEnd, options: BeatPoolOptions): FrontEnd {
  const [frames, bins] = inner.featureShape
  const strength = onsetStrength(options)
  const tracking = { ...options, frameRate: options.sampleRate / options.hopLength }
  const features = new Float32Array(frames * bins)
  return {
    ...inner,
    featureShape: [options.count, bins, 1],
    transform(window, out, offset = 0) {
      inner.transform(window, features)
      const edges = segmentEdges(trackBeats(strength(window), tracking), frames, options.count)
      for (let segment = 0; segment < options.count; segment++) {
        const [from, to] = [edges[segment], edges[segment + 1]]
        for (let bin = 0; bin < bins; bin++) {
          const values = Float64Array.from({ length: to - from }, (_, i) => features[(from + i) * bins + bin])
          out[offset + segment * bins + bin] = options.aggregate === 'mean' ? meanOf(values) : medianOf(values)
        }
      }
    },
  }
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
