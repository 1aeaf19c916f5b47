export interface MelFilterbankOptions {
  sampleRate: number
  nFft: number
  nMels: number
  /** Hz */
  fmin: number
  /** Hz */
  fmax: number
  /** HTK's mel scale instead of Slaney's. */
  htk: boolean
  /** `slaney` divides each filter by its width in Hz, so that all have about the same area. */
  norm: 'slaney' | null
}

/** Triangular filters, each stored as the run of bins that it touches. */
export interface MelFilterbank {
  readonly nMels: number
  /** `[nMels]`: first bin of each filter. */
  readonly starts: Int32Array
  /** `[nMels]`: bins of each filter; 0 for one that falls between two bins. */
  readonly lengths: Int32Array
  /** The weights of all filters, one after another. */
  readonly weights: Float32Array
}

const SLANEY_HZ_PER_MEL = 200 / 3
const SLANEY_BREAK_HZ = 1000
const SLANEY_BREAK_MEL = SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL
const SLANEY_LOG_STEP = Math.log(6.4) / 27

/** O'Shaughnessy's scale as in HTK, or Slaney's (Auditory Toolbox): linear up to 1 kHz, then logarithmic. */
export function hzToMel(hz: number, htk: boolean): number {
  if (htk) return 2595 * Math.log10(1 + hz / 700)
  if (hz < SLANEY_BREAK_HZ) return hz / SLANEY_HZ_PER_MEL
  return SLANEY_BREAK_MEL + Math.log(hz / SLANEY_BREAK_HZ) / SLANEY_LOG_STEP
}

export function melToHz(mel: number, htk: boolean): number {
  if (htk) return 700 * (10 ** (mel / 2595) - 1)
  if (mel < SLANEY_BREAK_MEL) return mel * SLANEY_HZ_PER_MEL
  return SLANEY_BREAK_HZ * Math.exp(SLANEY_LOG_STEP * (mel - SLANEY_BREAK_MEL))
}

/** The same filters as `librosa.filters.mel`, over bins 0 … ⌊nFft/2⌋. */
export function melFilterbank(options: MelFilterbankOptions): MelFilterbank {
  const { sampleRate, nFft, nMels, htk } = options
  const corners = cornerFrequencies(options)
  const bins = Math.floor(nFft / 2) + 1
  const starts = new Int32Array(nMels)
  const lengths = new Int32Array(nMels)
  const weights: number[] = []
  for (let m = 0; m < nMels; m++) {
    const [low, centre, high] = corners.slice(m, m + 3)
    const gain = options.norm === 'slaney' ? 2 / (high - low) : 1
    for (let k = 0; k < bins; k++) {
      const hz = (k * sampleRate) / nFft
      const weight = Math.min((hz - low) / (centre - low), (high - hz) / (high - centre))
      if (weight <= 0) continue
      if (lengths[m] === 0) starts[m] = k
      lengths[m]++
      weights.push(weight * gain)
    }
  }
  return { nMels, starts, lengths, weights: Float32Array.from(weights) }

  function cornerFrequencies({ fmin, fmax }: MelFilterbankOptions): number[] {
    const first = hzToMel(fmin, htk)
    const step = (hzToMel(fmax, htk) - first) / (nMels + 1)
    return Array.from({ length: nMels + 2 }, (_, i) => melToHz(first + i * step, htk))
  }
}

/** @param spectrum `[bins]` @param out `[nMels]` from `offset` on, written */
export function applyMelFilterbank(
  bank: MelFilterbank,
  spectrum: Float64Array,
  out: Float32Array,
  offset: number,
): void {
  let w = 0
  for (let m = 0; m < bank.nMels; m++) {
    const start = bank.starts[m]
    const end = start + bank.lengths[m]
    let sum = 0
    for (let k = start; k < end; k++) sum += spectrum[k] * bank.weights[w++]
    out[offset + m] = sum
  }
}
