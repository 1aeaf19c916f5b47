import type { ComplexFft } from './fft.ts'

/** One radix-4 pass: transforms of length `n` = 4·quarter, `stride` of them interleaved. */
export interface Radix4Pass {
  readonly quarter: number
  readonly stride: number
  /** `[quarter × 6]`: re, im of w^p, w^2p, w^3p with w = exp(−2πi/n). */
  readonly twiddles: Float64Array
}

/**
 * How a power of two is taken apart: radix-4 passes, and one radix-2 pass at the end where n is not a power of four.
 * Stockham's order of writing sorts the output as it goes, so no bit reversal is needed (Van Loan 1992, §1.7).
 */
export function radix4Plan(n: number): { passes: Radix4Pass[]; radix2: boolean } {
  const passes: Radix4Pass[] = []
  let length = n
  for (; length >= 4; length /= 4) {
    const quarter = length / 4
    const twiddles = new Float64Array(quarter * 6)
    for (let p = 0; p < quarter; p++) {
      for (let j = 1; j <= 3; j++) {
        const angle = (-2 * Math.PI * p * j) / length
        twiddles[p * 6 + 2 * j - 2] = Math.cos(angle)
        twiddles[p * 6 + 2 * j - 1] = Math.sin(angle)
      }
    }
    passes.push({ quarter, stride: n / length, twiddles })
  }
  return { passes, radix2: length === 2 }
}

/** The complex transform of a power of two. */
export function stockham(n: number): ComplexFft {
  const { passes, radix2 } = radix4Plan(n)
  const otherRe = new Float64Array(n)
  const otherIm = new Float64Array(n)
  return {
    n,
    forward(re, im) {
      let from: Float64Array[] = [re, im]
      let to: Float64Array[] = [otherRe, otherIm]
      for (const pass of passes) {
        radix4(pass, from[0], from[1], to[0], to[1])
        ;[from, to] = [to, from]
      }
      if (radix2) {
        lastRadix2(n / 2, from[0], from[1], to[0], to[1])
        ;[from, to] = [to, from]
      }
      if (from[0] !== re) {
        re.set(from[0])
        im.set(from[1])
      }
    },
  }
}

function radix4(
  { quarter, stride, twiddles }: Radix4Pass,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const step = stride * quarter
  for (let p = 0; p < quarter; p++) {
    const w1r = twiddles[p * 6]
    const w1i = twiddles[p * 6 + 1]
    const w2r = twiddles[p * 6 + 2]
    const w2i = twiddles[p * 6 + 3]
    const w3r = twiddles[p * 6 + 4]
    const w3i = twiddles[p * 6 + 5]
    for (let q = 0; q < stride; q++) {
      const a = stride * p + q
      const b = a + step
      const c = b + step
      const d = c + step
      const acSumR = xr[a] + xr[c]
      const acSumI = xi[a] + xi[c]
      const acDifR = xr[a] - xr[c]
      const acDifI = xi[a] - xi[c]
      const bdSumR = xr[b] + xr[d]
      const bdSumI = xi[b] + xi[d]
      const bdDifR = xr[b] - xr[d]
      const bdDifI = xi[b] - xi[d]
      const out = stride * 4 * p + q
      yr[out] = acSumR + bdSumR
      yi[out] = acSumI + bdSumI
      const y1r = acDifR + bdDifI
      const y1i = acDifI - bdDifR
      yr[out + stride] = y1r * w1r - y1i * w1i
      yi[out + stride] = y1r * w1i + y1i * w1r
      const y2r = acSumR - bdSumR
      const y2i = acSumI - bdSumI
      yr[out + 2 * stride] = y2r * w2r - y2i * w2i
      yi[out + 2 * stride] = y2r * w2i + y2i * w2r
      const y3r = acDifR - bdDifI
      const y3i = acDifI + bdDifR
      yr[out + 3 * stride] = y3r * w3r - y3i * w3i
      yi[out + 3 * stride] = y3r * w3i + y3i * w3r
    }
  }
}

function lastRadix2(half: number, xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array): void {
  for (let q = 0; q < half; q++) {
    yr[q] = xr[q] + xr[q + half]
    yi[q] = xi[q] + xi[q + half]
    yr[q + half] = xr[q] - xr[q + half]
    yi[q + half] = xi[q] - xi[q + half]
  }
}
