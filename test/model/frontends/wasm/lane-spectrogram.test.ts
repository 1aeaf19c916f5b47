import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameCount } from '../../../../src/model/frontends/framing.ts'
import { melFilterbank } from '../../../../src/model/frontends/mel-filterbank.ts'
import { type SpectrogramOptions, scalarSpectrogram } from '../../../../src/model/frontends/spectrogram.ts'
import { laneSpectrogram, lanesFit } from '../../../../src/model/frontends/wasm/lane-spectrogram.ts'
import { seeded } from '../../../../src/random.ts'

const base: SpectrogramOptions = {
  samples: 16_000,
  nFft: 1024,
  hopLength: 512,
  winLength: 1024,
  center: true,
  padMode: 'constant',
  power: 2,
  mel: null,
  decibel: null,
}

/** Both paths, with a guard value on each side of the output. */
function both(options: SpectrogramOptions, signal: Float32Array) {
  return [laneSpectrogram(options), scalarSpectrogram(options)].map(spectrogram => {
    const size = frameCount(options.samples, options) * spectrogram.bins
    const out = new Float32Array(size + 2).fill(-12345)
    spectrogram.compute(signal, out, 1)
    expect([out[0], out[size + 1]]).toEqual([-12345, -12345])
    return out.subarray(1, size + 1)
  })
}

/** In units of what is allowed: a few roundings of float32, of the value or of the dB scale's 100. */
function largestDifference(lanes: Float32Array, scalar: Float32Array, { decibel }: SpectrogramOptions): number {
  let largest = 0
  for (const [i, value] of scalar.entries()) {
    const allowed = decibel ? 2e-5 : 2e-6 * Math.max(1e-9, Math.abs(value))
    largest = Math.max(largest, Math.abs(lanes[i] - value) / allowed)
  }
  return largest
}

const cases = fc.record({
  nFft: fc.constantFrom(16, 32, 64, 128, 256, 512, 1024, 2048),
  hopLength: fc.integer({ min: 15, max: 700 }),
  share: fc.double({ min: 0.1, max: 1, noNaN: true }),
  center: fc.boolean(),
  padMode: fc.constantFrom('constant' as const, 'reflect' as const),
  power: fc.constantFrom(1 as const, 2 as const),
  nMels: fc.option(fc.integer({ min: 1, max: 70 })),
  decibel: fc.option(
    fc.constantFrom({ ref: 1, topDb: null }, { ref: 0.5, topDb: 30 }, { ref: 'max' as const, topDb: 80 }),
  ),
  samples: fc.integer({ min: 1, max: 5000 }),
  seed: fc.integer(),
})

describe('laneSpectrogram', () => {
  it('agrees with the scalar one', () => {
    fc.assert(
      fc.property(cases, c => {
        const { nFft, hopLength, center, padMode, power } = c
        const band = { sampleRate: 16_000, nFft, fmin: 0, fmax: 8000, htk: false, norm: 'slaney' as const }
        const options: SpectrogramOptions = {
          samples: c.samples,
          ...{ nFft, hopLength, center, padMode, power },
          winLength: Math.ceil(nFft * c.share),
          mel: c.nMels === null ? null : melFilterbank({ ...band, nMels: c.nMels }),
          decibel: c.decibel && { ...c.decibel, amin: 1e-10 },
        }
        fc.pre(lanesFit(options))
        const random = seeded(c.seed)
        const signal = Float32Array.from({ length: c.samples }, () => random.uniform() - 0.5)
        const [lanes, scalar] = both(options, signal)
        expect(largestDifference(lanes, scalar, options)).toBeLessThan(1)
      }),
      { numRuns: 80 },
    )
  })

  it('keeps a tone in its bin: 150 dB down a few bins away', () => {
    const signal = Float32Array.from({ length: 4096 }, (_, i) => Math.sin((2 * Math.PI * i) / 16))
    const [lanes] = both({ ...base, samples: 4096, center: false }, signal)
    expect(lanes[64]).toBeCloseTo(65536, 0)
    // Rounding of the float32 samples is all that is left there.
    expect(Math.max(...lanes.subarray(70, 513))).toBeLessThan(65536 * 1e-15)
  })

  it('finds every sample that is not finite, those that no frame covers too', () => {
    const options = { ...base, samples: 40, nFft: 16, winLength: 16, hopLength: 20, center: false }
    const spectrogram = laneSpectrogram(options)
    const out = new Float32Array(2 * 9)
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (let at = 0; at < 40; at++) {
        const signal = new Float32Array(40)
        signal[at] = bad
        expect(() => spectrogram.compute(signal, out, 0)).toThrow(
          expect.objectContaining({ code: 'AUSCULT_NON_FINITE', at: `sample ${at}` }),
        )
      }
    }
    expect(() => spectrogram.compute(new Float32Array(40).fill(3e38), out, 0)).not.toThrow()
  })

  it('is used for powers of two from 16 on', () => {
    expect([8, 16, 1000, 1024].map(nFft => lanesFit({ ...base, nFft }))).toEqual([false, true, false, true])
  })

  it('leaves enormous windows, and those without a frame, to the scalar path', () => {
    expect(lanesFit({ ...base, samples: 1023, center: false })).toBe(false)
    expect(lanesFit({ ...base, samples: 2e8 })).toBe(false)
  })
})
