import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { complexFft, RealFft } from '../../../src/model/frontends/fft.ts'
import { seeded } from '../../../src/random.ts'

const noise = (n: number, seed: number) => {
  const random = seeded(seed, n)
  return Float64Array.from({ length: n }, () => random.uniform() * 2 - 1)
}

type Spectrum = { re: Float64Array; im: Float64Array }

function largestDifference(a: Spectrum, b: Spectrum): number {
  expect(a.re.length).toBe(b.re.length)
  return a.re.reduce((largest, _, k) => Math.max(largest, Math.hypot(a.re[k] - b.re[k], a.im[k] - b.im[k])), 0)
}

/** The definition, O(n²). */
function naive(re: Float64Array, im: Float64Array, k: number): [number, number] {
  const n = re.length
  let sumRe = 0
  let sumIm = 0
  for (let t = 0; t < n; t++) {
    const angle = (-2 * Math.PI * ((k * t) % n)) / n
    sumRe += re[t] * Math.cos(angle) - im[t] * Math.sin(angle)
    sumIm += re[t] * Math.sin(angle) + im[t] * Math.cos(angle)
  }
  return [sumRe, sumIm]
}

const spectrum = (input: Float64Array | Float32Array): Spectrum => {
  const fft = new RealFft(input.length)
  const re = new Float64Array(fft.bins)
  const im = new Float64Array(fft.bins)
  fft.forward(input, re, im)
  return { re, im }
}

const lengths = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(256, 400, 441, 512, 1024, 2048))
const seeds = fc.integer({ min: 0, max: 1e6 })

describe('complexFft', () => {
  it('agrees with the definition at every length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), seeds, (n, seed) => {
        const inputRe = noise(n, seed)
        const inputIm = noise(n, seed + 1)
        const re = inputRe.slice()
        const im = inputIm.slice()
        complexFft(n).forward(re, im)
        const expected = {
          re: inputRe.map((_, k) => naive(inputRe, inputIm, k)[0]),
          im: inputRe.map((_, k) => naive(inputRe, inputIm, k)[1]),
        }
        expect(largestDifference({ re, im }, expected)).toBeLessThan(1e-10)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps its tables between calls', () => {
    const fft = complexFft(12)
    const results = [0, 1].map(() => {
      const re = noise(12, 3)
      const im = noise(12, 4)
      fft.forward(re, im)
      return [...re, ...im]
    })
    expect(results[0]).toEqual(results[1])
  })
})

describe('RealFft', () => {
  it('agrees with the complex transform', () => {
    fc.assert(
      fc.property(lengths, seeds, (n, seed) => {
        const input = noise(n, seed)
        const re = input.slice()
        const im = new Float64Array(n)
        complexFft(n).forward(re, im)
        const bins = Math.floor(n / 2) + 1
        const expected = { re: re.subarray(0, bins), im: im.subarray(0, bins) }
        expect(largestDifference(spectrum(input), expected)).toBeLessThan(1e-9)
      }),
      { numRuns: 80 },
    )
  })

  it('keeps the energy (Parseval)', () => {
    fc.assert(
      fc.property(lengths, seeds, (n, seed) => {
        const input = noise(n, seed)
        const { re, im } = spectrum(input)
        const energy = input.reduce((sum, x) => sum + x * x, 0)
        let total = 0
        for (let k = 0; k < re.length; k++) {
          const alone = k === 0 || 2 * k === n
          total += (alone ? 1 : 2) * (re[k] * re[k] + im[k] * im[k])
        }
        expect(Math.abs(total / n - energy)).toBeLessThan(1e-12 * n)
      }),
    )
  })

  it('is linear', () => {
    fc.assert(
      fc.property(lengths, seeds, fc.double({ min: -3, max: 3, noNaN: true }), (n, seed, factor) => {
        const a = noise(n, seed)
        const b = noise(n, seed + 1)
        const sum = spectrum(a.map((x, i) => x + factor * b[i]))
        const [x, y] = [spectrum(a), spectrum(b)]
        const expected = {
          re: x.re.map((re, k) => re + factor * y.re[k]),
          im: x.im.map((im, k) => im + factor * y.im[k]),
        }
        expect(largestDifference(sum, expected)).toBeLessThan(1e-9)
      }),
    )
  })

  it('turns a shift in time into a turn of phase', () => {
    fc.assert(
      fc.property(lengths, seeds, (n, seed) => {
        const input = noise(n, seed)
        const shift = seed % n
        const shifted = spectrum(input.map((_, t) => input[(t + shift) % n]))
        const { re, im } = spectrum(input)
        const angle = (k: number) => (2 * Math.PI * ((k * shift) % n)) / n
        const expected = {
          re: re.map((_, k) => re[k] * Math.cos(angle(k)) - im[k] * Math.sin(angle(k))),
          im: im.map((_, k) => re[k] * Math.sin(angle(k)) + im[k] * Math.cos(angle(k))),
        }
        expect(largestDifference(shifted, expected)).toBeLessThan(1e-9)
      }),
    )
  })

  it('takes float32 samples', () => {
    const input = Float32Array.of(1, 2, 3, 4)
    const { re, im } = spectrum(input)
    expect(
      largestDifference({ re, im }, { re: Float64Array.of(10, -2, -2), im: Float64Array.of(0, 2, 0) }),
    ).toBeLessThan(1e-12)
  })
})
