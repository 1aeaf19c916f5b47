import { complexFft } from '../fft.ts'
import { hannWindow } from '../framing.ts'

/** Seconds over which an onset envelope is compared with itself. */
const AC_SECONDS = 8
const MAX_BPM = 320

/**
 * `librosa.feature.tempo`: the lag at which the onset envelope is most like itself (autocorrelation of overlapping pieces of 8 s, each
 * scaled to 1 at lag 0, averaged), weighted by a log-normal prior of one octave around `startBpm`.
 * @param frameRate frames per second
 * @returns frames per beat, or null where frames are too long to tell
 */
export function beatPeriod(envelope: Float64Array, frameRate: number, startBpm: number): number | null {
  const length = Math.floor(AC_SECONDS * frameRate + 1e-9)
  if (length < 2) return null
  const likeness = meanAutocorrelation(envelope, length)
  let best: number | null = null
  let bestScore = Number.NEGATIVE_INFINITY
  for (let lag = 1; lag < length; lag++) {
    const bpm = (60 * frameRate) / lag
    if (bpm >= MAX_BPM) continue
    const score = Math.log1p(1e6 * likeness[lag]) - 0.5 * (Math.log2(bpm) - Math.log2(startBpm)) ** 2
    if (score > bestScore) {
      bestScore = score
      best = lag
    }
  }
  return best
}

/** `[length]` */
function meanAutocorrelation(envelope: Float64Array, length: number): Float64Array {
  const padded = ramped(envelope, Math.floor(length / 2))
  const weights = hannWindow({ nFft: length, winLength: length })
  const fft = complexFft(2 ** Math.ceil(Math.log2(2 * length - 1)))
  const power = new Float64Array(fft.n)
  const re = new Float64Array(fft.n)
  const im = new Float64Array(fft.n)
  for (let t = 0; t < envelope.length; t++) {
    re.fill(0)
    im.fill(0)
    let energy = 0
    for (let i = 0; i < length; i++) {
      re[i] = padded[t + i] * weights[i]
      energy += re[i] * re[i]
    }
    if (energy < Number.MIN_VALUE * 2 ** 52) continue
    fft.forward(re, im)
    // Sums of spectra, so that one transform back does for all pieces.
    for (let k = 0; k < fft.n; k++) power[k] += (re[k] * re[k] + im[k] * im[k]) / energy
  }
  im.fill(0)
  fft.forward(power, im)
  return power.subarray(0, length).map(value => value / (fft.n * envelope.length))
}

/** With straight lines from 0 up to both ends, each `width` long. */
function ramped(values: Float64Array, width: number): Float64Array {
  const result = new Float64Array(values.length + 2 * width)
  result.set(values, width)
  for (let i = 0; i < width; i++) {
    result[i] = (i / width) * values[0]
    result[result.length - 1 - i] = (i / width) * values[values.length - 1]
  }
  return result
}
