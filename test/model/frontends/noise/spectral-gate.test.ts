import { describe, expect, it } from 'vitest'
import { spectralGate } from '../../../../src/model/frontends/noise/spectral-gate.ts'
import { seeded } from '../../../../src/random.ts'

const options = {
  sampleRate: 16_000,
  nFft: 1024,
  hopLength: 256,
  propDecrease: 1,
  nStdThresh: 1.5,
  freqMaskSmoothHz: 500,
  timeMaskSmoothMs: 50,
}

const energy = (signal: Float32Array) => signal.reduce((sum, value) => sum + value * value, 0)

function hiss(): Float32Array {
  const random = seeded(3)
  return Float32Array.from({ length: 16_000 }, () => 0.05 * random.normal())
}

describe('spectralGate', () => {
  it('takes hiss away and leaves a tone that comes and goes', () => {
    const noise = hiss()
    const tone = noise.map((_, i) => (i > 6000 && i < 8000 ? 0.5 * Math.sin((2 * Math.PI * 2000 * i) / 16_000) : 0))
    // Smoothed over 500 Hz, the mask of a single tone would be faint.
    const cleaned = spectralGate({ ...options, freqMaskSmoothHz: null })(noise.map((value, i) => value + tone[i]))
    expect(energy(cleaned.subarray(0, 4000))).toBeLessThan(0.05 * energy(noise.subarray(0, 4000)))
    expect(energy(cleaned.subarray(6500, 7500))).toBeGreaterThan(0.8 * energy(tone.subarray(6500, 7500)))
  })

  it('leaves a part of the noise as told, and all of it with a proportion of 0', () => {
    const noise = hiss()
    const untouched = spectralGate({ ...options, propDecrease: 0, freqMaskSmoothHz: null, timeMaskSmoothMs: null })(
      noise,
    )
    expect(Math.max(...untouched.map((value, i) => Math.abs(value - noise[i])))).toBeLessThan(1e-6)
    const gated = [1, 0.5].map(propDecrease => energy(spectralGate({ ...options, propDecrease })(noise)))
    expect(gated[1]).toBeGreaterThan(5 * gated[0])
  })

  it('leaves silence silent', () => {
    expect(energy(spectralGate(options)(new Float32Array(5000)))).toBe(0)
  })
})
