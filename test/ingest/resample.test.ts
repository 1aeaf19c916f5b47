import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { resample } from '../../src/ingest/resample.ts'
import type { MonoSamples } from '../../src/ingest/wav.ts'
import { errorOf } from '../helpers/temporary.ts'

function sound(samples: Float32Array, sampleRate: number): MonoSamples {
  const read = (start: number, count: number) => {
    if (start < 0 || start + count > samples.length) throw new RangeError('read beyond the recording')
    return samples.slice(start, start + count)
  }
  return { name: 'sound', sampleRate, channels: 1, length: samples.length, read }
}

const sine = (frequency: number, rate: number, length: number) =>
  Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * frequency * i) / rate))

const decibels = (amplitude: number) => 20 * Math.log10(amplitude / 0.5)

async function convert(samples: Float32Array, from: number, to: number): Promise<Float32Array> {
  const converted = await resample(sound(samples, from), to)
  return converted.read(0, converted.length)
}

describe('resample', () => {
  it.each([
    [44100, 16000, 1000],
    [44100, 16000, 6500],
    [48000, 16000, 440],
    [8000, 16000, 440],
    [8000, 16000, 3250],
    [16000, 44100, 5000],
    [96000, 16000, 1000],
    [11025, 16000, 1000],
  ])(
    '%i to %i Hz keeps a sine of %i Hz in frequency, amplitude and phase, below -100 dB of error',
    async (from, to, f) => {
      const converted = await convert(sine(f, from, from), from, to)
      const ideal = sine(f, to, to)
      let error = 0
      for (let i = 500; i < to - 500; i++) error = Math.max(error, Math.abs(converted[i] - ideal[i]))
      expect(decibels(error)).toBeLessThan(-100)
    },
  )

  it('suppresses what the lower rate cannot hold by 100 dB', async () => {
    for (const frequency of [8500, 10000, 15000, 21000]) {
      const converted = await convert(sine(frequency, 44100, 44100), 44100, 16000)
      expect(decibels(Math.max(...converted.subarray(500, -500).map(Math.abs)))).toBeLessThan(-100)
    }
  })

  it('gives ceil(length × ratio) samples', async () => {
    for (const n of [1, 2, 440, 441, 442, 44101, 100_000]) {
      expect((await convert(new Float32Array(n), 44100, 16000)).length).toBe(Math.ceil((n * 16000) / 44100))
      expect((await convert(new Float32Array(n), 8000, 16000)).length).toBe(2 * n)
    }
  })

  it('gives the same bits for a stretch as for the whole, in whatever order stretches and rates are read', async () => {
    const noise = Float32Array.from({ length: 60_000 }, (_, i) => Math.sin(i * i))
    const converted = await resample(sound(noise, 44100), 16000)
    const other = await resample(sound(noise, 8000), 16000)
    const whole = converted.read(0, converted.length)
    for (const [start, count] of [
      [20_000, 1000],
      [0, 5000],
      [4100, 200],
      [converted.length - 7, 7],
      [3, 0],
    ]) {
      other.read(100, 100)
      expect(converted.read(start, count)).toEqual(whole.slice(start, start + count))
    }
  })

  it('reads no more of the recording than the stretch needs', async () => {
    let most = 0
    const read = (_: number, count: number) => {
      most = Math.max(most, count)
      return new Float32Array(count)
    }
    const converted = await resample({ ...sound(new Float32Array(0), 44100), length: 1e12, read }, 16000)
    expect(converted.read(3e11, 100_000).length).toBe(100_000)
    expect(most).toBeLessThan(20_000)
  })

  it('spoils only the samples whose filter reaches a NaN', async () => {
    const samples = sine(1000, 8000, 40_000)
    const clean = await convert(samples, 8000, 16000)
    samples[20_000] = Number.NaN
    const spoiled = await convert(samples, 8000, 16000)
    const bad = [...spoiled.keys()].filter(i => Number.isNaN(spoiled[i]))
    expect(bad[0]).toBeGreaterThan(39_850)
    expect(bad.at(-1)).toBeLessThan(40_150)
    expect(bad).toContain(40_000)
    const good = [...spoiled.keys()].filter(i => !Number.isNaN(spoiled[i]) && spoiled[i] !== clean[i])
    expect(good).toEqual([])
  })

  it('passes a recording of the wanted rate through', async () => {
    const original = sound(sine(100, 8000, 100), 8000)
    expect(await resample(original, 8000)).toBe(original)
  })

  it('refuses rates that cannot be converted', async () => {
    for (const [from, to] of [
      [4_000_000, 8000],
      [44101, 4_000_037],
      [8000, 16000.5],
    ]) {
      const error = await errorOf(() => resample(sound(new Float32Array(10), from), to))
      expect(error).toBeInstanceOf(AuscultError)
      expect((error as AuscultError).code).toBe('AUSCULT_INPUT_INVALID')
    }
  })
})
