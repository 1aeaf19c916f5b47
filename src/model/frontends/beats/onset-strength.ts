import { type FramingOptions, frameCount } from '../framing.ts'
import { melFilterbank } from '../mel-filterbank.ts'
import { createSpectrogram } from '../spectrogram.ts'
import { medianOf } from '../tuning.ts'

const N_FFT = 2048
const N_MELS = 128

export interface OnsetOptions {
  samples: number
  sampleRate: number
  hopLength: number
}

/**
 * `librosa.onset.onset_strength(aggregate=np.median)`: by how much the bands of the log-mel spectrogram rise from frame to frame, the
 * median over the bands, moved by half a transform to where the onset is.
 * @returns a function from samples to `[1 + ⌊samples/hopLength⌋]`, ≥ 0
 */
export function onsetStrength({
  samples,
  sampleRate,
  hopLength,
}: OnsetOptions): (signal: Float32Array) => Float64Array {
  const framing: FramingOptions = { nFft: N_FFT, hopLength, winLength: N_FFT, center: true, padMode: 'constant' }
  const spectrogram = createSpectrogram({
    ...framing,
    samples,
    power: 2,
    mel: melFilterbank({
      sampleRate,
      nFft: N_FFT,
      nMels: N_MELS,
      fmin: 0,
      fmax: sampleRate / 2,
      htk: false,
      norm: 'slaney',
    }),
    decibel: { ref: 1, amin: 1e-10, topDb: 80 },
  })
  const frames = frameCount(samples, framing)
  const values = new Float32Array(frames * N_MELS)
  const rises = new Float64Array(N_MELS)
  const delay = Math.floor(N_FFT / (2 * hopLength))
  return signal => {
    spectrogram.compute(signal, values, 0)
    const envelope = new Float64Array(frames)
    for (let t = 1; t + delay < frames; t++) {
      for (let m = 0; m < N_MELS; m++) {
        rises[m] = Math.max(0, values[t * N_MELS + m] - values[(t - 1) * N_MELS + m])
      }
      envelope[t + delay] = medianOf(rises)
    }
    return envelope
  }
}
