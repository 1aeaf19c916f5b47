import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd, type SpectrogramConfig, spectrogramOptions } from '../../../src/model/frontends/create.ts'
import { scalarSpectrogram } from '../../../src/model/frontends/spectrogram.ts'

interface Golden {
  signals: Record<string, { sines: [number, number][]; noise: number; sounding: number }>
  cases: {
    signal: string
    front_end: Record<string, unknown>
    shape: [number, number]
    stride: number
    values: number[]
    frame_sums: number[]
    frame_maxima: number[]
  }[]
}

/** Made by make.py beside it. */
const golden: Golden = JSON.parse(readFileSync(new URL('../../fixtures/librosa/golden.json', import.meta.url), 'utf8'))

/** The formula of make.py. */
function signal(name: string, sampleRate: number, samples: number): Float32Array {
  const { sines, noise, sounding } = golden.signals[name]
  const values = new Float32Array(samples)
  let state = 12345
  for (let i = 0; i < Math.round(samples * sounding); i++) {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    let value = noise * ((2 * state) / 2 ** 32 - 1)
    for (const [amplitude, hz] of sines) value += amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRate)
    values[i] = value
  }
  return values
}

/**
 * Largest difference, relative to the golden value or, where that is smaller, to a value 60 dB below the loudest bin of the frame:
 * what is left there of a loud neighbour is rounding noise of the float32 samples. dB are compared to 1 dB at least.
 */
function largestError(
  actual: Float32Array,
  { shape, stride, values, frame_maxima }: Golden['cases'][0],
  config: SpectrogramConfig,
) {
  const floorOf = (i: number) =>
    config.type === 'log-mel' ? 1 : 1e-3 ** config.power * frame_maxima[Math.floor((i * stride) / shape[1])]
  const errors = values.map((b, i) => Math.abs(actual[i * stride] - b) / Math.max(Math.abs(b), floorOf(i)))
  return Math.max(...errors.map(error => (Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)))
}

function frameSums(actual: Float32Array, [frames, bins]: [number, number]): number[] {
  return Array.from({ length: frames }, (_, t) => actual.subarray(t * bins, (t + 1) * bins).reduce((a, b) => a + b, 0))
}

describe('front ends against librosa', () => {
  for (const testCase of golden.cases) {
    const { type, ...options } = testCase.front_end
    const name = `${type} of ${testCase.signal} ${JSON.stringify(options)}`
    const config = checkConfig(testCase.front_end, frontEndSchema, 'case') as SpectrogramConfig
    const frontEnd = createFrontEnd(config)
    const samples = signal(testCase.signal, config.sample_rate, frontEnd.windowShape[0])

    const check = (actual: Float32Array) => {
      expect(largestError(actual, testCase, config)).toBeLessThan(1e-5)
      const sums = frameSums(actual, testCase.shape)
      const scale = config.type === 'log-mel' ? testCase.shape[1] : 0
      for (const [t, sum] of testCase.frame_sums.entries()) {
        expect(Math.abs(sums[t] - sum)).toBeLessThanOrEqual(1e-5 * Math.max(Math.abs(sum), scale))
      }
    }

    it(name, () => {
      expect(frontEnd.featureShape).toEqual([...testCase.shape, 1])
      const actual = new Float32Array(testCase.shape[0] * testCase.shape[1])
      frontEnd.transform(samples, actual)
      check(actual)
    })

    it(`${name}, without vector instructions`, () => {
      const actual = new Float32Array(testCase.shape[0] * testCase.shape[1])
      scalarSpectrogram(spectrogramOptions(config)).compute(samples, actual, 0)
      check(actual)
    })
  }
})
