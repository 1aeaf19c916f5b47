import { FRAME, type Frame, type Voice } from './frame.ts'

/**
 * A periodic sound locked to the shaft: `Σ amplitude[k] · sin((k + 1) · perTurn · angle + phase[k])`. The sines of multiples come from
 * Chebyshev's recurrence, `sin kx = 2 cos x · sin (k−1)x − sin (k−2)x`, and the same for cosines.
 */
export class HarmonicsVoice implements Voice {
  private readonly sine: Float64Array
  private readonly cosine: Float64Array
  private readonly perTurn: number
  private readonly loadDb: number

  /** @param loadDb decibels more at full load than idling */
  constructor(amplitudes: readonly number[], phases: readonly number[], perTurn = 1, loadDb = 0) {
    this.sine = Float64Array.from(amplitudes, (a, k) => a * Math.cos(phases[k]))
    this.cosine = Float64Array.from(amplitudes, (a, k) => a * Math.sin(phases[k]))
    this.perTurn = perTurn
    this.loadDb = loadDb
  }

  add(frame: Frame, out: Float32Array): void {
    const gain = 10 ** ((this.loadDb * (frame.load - 0.5)) / 20)
    const { sine, cosine } = this
    for (let i = 0; i < FRAME; i++) {
      const x = this.perTurn * frame.angle[i]
      let s = Math.sin(x)
      let c = Math.cos(x)
      const twice = 2 * c
      let sBefore = 0
      let cBefore = 1
      let sum = 0
      for (let k = 0; k < sine.length; k++) {
        sum += sine[k] * s + cosine[k] * c
        const sNext = twice * s - sBefore
        const cNext = twice * c - cBefore
        sBefore = s
        cBefore = c
        s = sNext
        c = cNext
      }
      out[i] += gain * sum
    }
  }
}
