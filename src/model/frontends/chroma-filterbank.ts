import type { MelFilterbank } from './mel-filterbank.ts'

export interface ChromaFilterbankOptions {
  sampleRate: number
  nFft: number
  nChroma: number
  /** How far the concert pitch is from A = 440 Hz, as a fraction of a chroma bin. */
  tuning: number
  /** Octave, counted from A0 = 27.5 Hz, at which the filters are highest. */
  ctroct: number
  /** Deviation in octaves of their decrease to both sides; null: all octaves alike. */
  octwidth: number | null
}

/**
 * The same filters as `librosa.filters.chroma` (D. Ellis, Chroma feature analysis and synthesis, 2007), bin 0 being C: for each bin
 * of the transform a Gaussian over the pitch classes, its columns scaled to Euclidean length 1.
 */
export function chromaFilterbank(options: ChromaFilterbankOptions): MelFilterbank {
  const { nFft, nChroma, ctroct, octwidth } = options
  const bins = Math.floor(nFft / 2) + 1
  const positions = binPositions(options)
  const half = roundHalfEven(nChroma / 2)
  const shift = 3 * Math.floor(nChroma / 12)
  const weights = new Float32Array(nChroma * bins)
  const column = new Float64Array(nChroma)
  for (let k = 0; k < bins; k++) {
    const width = k + 1 < positions.length ? Math.max(1, positions[k + 1] - positions[k]) : 1
    for (let c = 0; c < nChroma; c++) {
      const distance = modulo(positions[k] - c + half + 10 * nChroma, nChroma) - half
      column[c] = Math.exp(-0.5 * ((2 * distance) / width) ** 2)
    }
    const length = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0))
    const height = octwidth === null ? 1 : Math.exp(-0.5 * ((positions[k] / nChroma - ctroct) / octwidth) ** 2)
    // Positions are counted from A; rows begin with C.
    for (let c = 0; c < nChroma; c++) {
      weights[modulo(c - shift, nChroma) * bins + k] = (column[c] / length) * height
    }
  }
  return { nMels: nChroma, starts: new Int32Array(nChroma), lengths: new Int32Array(nChroma).fill(bins), weights }
}

/** `[nFft]`: where the bins of the transform lie, in chroma bins from A0; bin 0 is taken as 1.5 octaves below bin 1. */
function binPositions({ sampleRate, nFft, nChroma, tuning }: ChromaFilterbankOptions): Float64Array {
  const a0 = (440 * 2 ** (tuning / nChroma)) / 16
  const positions = Float64Array.from({ length: nFft }, (_, k) => nChroma * Math.log2((k * sampleRate) / nFft / a0))
  positions[0] = positions[1] - 1.5 * nChroma
  return positions
}

/** One bank after the other: the rows of `a`, then those of `b`. */
export const joinedFilterbank = (a: MelFilterbank, b: MelFilterbank): MelFilterbank => ({
  nMels: a.nMels + b.nMels,
  starts: Int32Array.from([...a.starts, ...b.starts]),
  lengths: Int32Array.from([...a.lengths, ...b.lengths]),
  weights: Float32Array.from([...a.weights, ...b.weights]),
})

const modulo = (value: number, n: number): number => ((value % n) + n) % n

/** As numpy rounds. */
export const roundHalfEven = (value: number): number => {
  const rounded = Math.round(value)
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}
