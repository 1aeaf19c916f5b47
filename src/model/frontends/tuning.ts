/** Hz between which peaks are looked for. */
const FMIN = 150
const FMAX = 4000
/** Peaks below this part of a frame's largest value do not count. */
const THRESHOLD = 0.1
/** Parts that a bin of the scale is divided into. */
const RESOLUTION = 100

/** A power spectrogram `[frames × bins]`, bins being 0 … ⌊nFft/2⌋. */
export interface PowerSpectrogram {
  readonly values: Float32Array
  readonly frames: number
  readonly bins: number
  readonly sampleRate: number
  readonly nFft: number
}

/**
 * `librosa.estimate_tuning(S=…)`: how far the pitches of a power spectrogram are from A = 440 Hz, as a fraction −0.5 … 0.5 of a bin
 * in steps of 0.01. Peaks are found by parabolic interpolation (`librosa.piptrack`); those above the median height vote.
 * @returns 0 where there is no peak
 */
export function estimateTuning(spectrogram: PowerSpectrogram, binsPerOctave: number): number {
  const { pitches, heights } = peaks(spectrogram)
  if (pitches.length === 0) return 0
  const median = medianOf(heights)
  const counts = new Int32Array(RESOLUTION)
  pitches.forEach((hz, i) => {
    if (heights[i] < median) return
    const bins = binsPerOctave * Math.log2(hz / 27.5)
    const residual = bins - Math.floor(bins)
    counts[slot(residual >= 0.5 ? residual - 1 : residual)]++
  })
  return -0.5 + counts.indexOf(counts.reduce((a, b) => Math.max(a, b))) / RESOLUTION
}

/** The interval of a histogram over −0.5 … 0.5 that a residual is in. */
const slot = (residual: number): number => Math.min(RESOLUTION - 1, Math.floor((residual + 0.5) * RESOLUTION))

function peaks({ values, frames, bins, sampleRate, nFft }: PowerSpectrogram): { pitches: number[]; heights: number[] } {
  const fmax = Math.min(FMAX, sampleRate / 2)
  const pitches: number[] = []
  const heights: number[] = []
  for (let t = 0; t < frames; t++) {
    const frame = values.subarray(t * bins, (t + 1) * bins)
    const least = THRESHOLD * frame.reduce((a, b) => Math.max(a, b), 0)
    const at = (k: number) => (frame[k] > least ? frame[k] : 0)
    for (let k = 1; k < bins - 1; k++) {
      const hz = (k * sampleRate) / nFft
      if (hz < FMIN || hz >= fmax || !(at(k) > at(k - 1) && at(k) >= at(k + 1))) continue
      const [before, middle, after] = [frame[k - 1], frame[k], frame[k + 1]]
      const slope = (after - before) / 2
      const curvature = after + before - 2 * middle
      // A flat top has no vertex between its neighbours.
      const shift = Math.abs(slope) >= Math.abs(curvature) ? 0 : -slope / curvature
      pitches.push(((k + shift) * sampleRate) / nFft)
      heights.push(middle + 0.5 * slope * shift)
    }
  }
  return { pitches, heights }
}

/** Of the values, not empty; the mean of the two in the middle of an even number. */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
