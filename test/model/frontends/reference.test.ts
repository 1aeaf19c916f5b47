import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { onsetStrength } from '../../../src/model/frontends/beats/onset-strength.ts'
import { beatPeriod } from '../../../src/model/frontends/beats/tempo.ts'
import { trackBeats } from '../../../src/model/frontends/beats/track.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'

interface Signal {
  sines: [number, number][]
  noise: number
  steady: number
  period?: number
  decay?: number
  late?: number
}

interface Golden {
  signals: Record<string, Signal>
  features: {
    signal: string
    front_end: Record<string, unknown>
    shape: number[]
    stride: number
    scale: number
    values: number[]
  }[]
  beats: {
    signal: string
    options: Record<string, number>
    frames: number
    onset_strength: number[]
    tempo: number
    beats: number[]
  }[]
  noise: { signal: string; noise_reduction: object; stride: number; values: number[] }[]
}

/** Made by make.py beside it. */
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../fixtures/frontends/golden.json', import.meta.url), 'utf8'),
)

/** The formula of make.py. */
function signal(name: string, sampleRate: number, samples: number): Float32Array {
  const { sines, noise, steady, period, decay = 1, late = 0 } = golden.signals[name]
  let state = 12345
  return Float32Array.from({ length: samples }, (_, i) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    const random = (2 * state) / 2 ** 32 - 1
    let value = noise * random
    for (const [amplitude, hz] of sines) value += amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRate)
    if (period !== undefined) {
      const since = i / sampleRate - late
      value *= Math.exp(-(since - Math.floor(since / period) * period) / decay)
    }
    return value + steady * random
  })
}

const largest = (errors: number[]) =>
  errors.reduce((a, b) => (Number.isNaN(b) ? Number.POSITIVE_INFINITY : Math.max(a, b)), 0)

describe('front ends against librosa', () => {
  it.each(golden.features)('$front_end of $signal', testCase => {
    const config = frontEndSchema.parse(testCase.front_end)
    const frontEnd = createFrontEnd(config)
    expect(frontEnd.featureShape).toEqual([...testCase.shape, 1])
    const actual = new Float32Array(sizeOf(frontEnd.featureShape))
    const rate = 'sample_rate' in config ? config.sample_rate : 0
    frontEnd.transform(signal(testCase.signal, rate, frontEnd.windowShape[0]), actual)
    const floor = Math.max(testCase.scale * 1e-3, 1e-12)
    const errors = testCase.values.map(
      (b, i) => Math.abs(actual[i * testCase.stride] - b) / Math.max(floor, Math.abs(b)),
    )
    expect(largest(errors)).toBeLessThan(1e-5)
  })
})

describe('beats against librosa', () => {
  it.each(golden.beats)('$options of $signal', ({ signal: name, options, frames, onset_strength, tempo, beats }) => {
    const {
      sample_rate = 16_000,
      hop_length = 512,
      window_seconds,
      start_bpm = 120,
      tightness = 100,
      trim = true,
    } = options
    const samples = window_seconds * sample_rate
    const envelope = onsetStrength({ samples, sampleRate: sample_rate, hopLength: hop_length })(
      signal(name, sample_rate, samples),
    )
    expect(envelope.length).toBe(frames)
    const errors = onset_strength.map((b, i) => Math.abs(envelope[7 * i] - b) / Math.max(1, b))
    expect(largest(errors)).toBeLessThan(5e-5)
    const frameRate = sample_rate / hop_length
    const found = trackBeats(envelope, { frameRate, startBpm: start_bpm, tightness, trim: Boolean(trim) })
    expect(found).toEqual(beats)
    if (tempo > 0) expect((60 * frameRate) / beatPeriod(envelope, frameRate, start_bpm)!).toBeCloseTo(tempo, 4)
  })
})

describe('noise reduction against noisereduce', () => {
  it.each(golden.noise)('$noise_reduction of $signal', ({ signal: name, noise_reduction, stride, values }) => {
    const frontEnd = createFrontEnd(frontEndSchema.parse({ type: 'raw', noise_reduction }))
    const actual = new Float32Array(16_000)
    frontEnd.transform(signal(name, 16_000, 16_000), actual)
    const errors = values.map((b, i) => Math.abs(actual[i * stride] - b))
    expect(largest(errors)).toBeLessThan(1e-6)
  })
})
