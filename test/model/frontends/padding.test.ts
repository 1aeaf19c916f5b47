import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd, normalizationOf } from '../../../src/model/frontends/create.ts'
import { copyPadded, type FramingOptions, frameCount, paddingOf } from '../../../src/model/frontends/framing.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { realFramesOf } from '../../../src/model/frontends/padding.ts'
import { seeded } from '../../../src/random.ts'

const SOUND = { sample_rate: 8000, n_fft: 256, hop_length: 64 }
const MEL = { ...SOUND, n_mels: 12 }
const configs = [
  { type: 'stft', ...SOUND },
  { type: 'mel', ...MEL },
  { type: 'log-mel', ...MEL },
  { type: 'log-mel', ...MEL, ref: 'max', cmn: true, center: false },
  { type: 'mfcc', ...MEL, n_mfcc: 6, cmn: true },
  { type: 'chroma', ...SOUND, n_fft: 512 },
  { type: 'mel-chroma', ...MEL, n_fft: 512, cmn: true },
]
const front = (raw: object, window_samples = 4096, isNormalized = true) => {
  const config = frontEndSchema.parse({ ...raw, window_samples })
  const { length } = normalizationOf(config)
  const offset = Array.from({ length }, (_, i) => i - 3)
  const frontEnd = createFrontEnd(
    config,
    isNormalized ? { offset, scale: offset.map(x => 1 / (x * x + 1)) } : undefined,
  )
  const [frames, bins] = frontEnd.featureShape
  const rows = (window: Float32Array) => {
    const out = new Float32Array(sizeOf(frontEnd.featureShape) + 2).fill(7)
    frontEnd.transform(window, out, 1)
    expect([out[0], out.at(-1)]).toEqual([7, 7])
    return Array.from({ length: frames }, (_, t) => [...out.subarray(1 + t * bins, 1 + (t + 1) * bins)])
  }
  return { frontEnd, frames, rows }
}
const noise = (n: number, samples: number) => {
  const random = seeded(n)
  return Float32Array.from({ length: samples }, (_, i) => (i < n ? random.normal() : 0))
}
const isZero = (row: readonly number[]) => row.every(value => value === 0)

describe('realFramesOf', () => {
  it('ends with the last frame that begins before the last sample that is not 0', () => {
    const framings = fc
      .record({
        nFft: fc.integer({ min: 2, max: 40 }),
        center: fc.boolean(),
        hopLength: fc.integer({ min: 1, max: 20 }),
      })
      .chain(own => fc.record({ ...constants(own), winLength: fc.integer({ min: 1, max: own.nFft }) }))
    fc.assert(
      fc.property(framings, fc.integer({ min: 40, max: 120 }), fc.nat(120), (framing, samples, n) => {
        const options: FramingOptions = { ...framing, padMode: 'constant' }
        const window = Float32Array.from({ length: samples }, (_, i) => (i < n && (i % 3 !== 1 || i === n - 1) ? 1 : 0))
        const real = realFramesOf(samples, options)(window)
        const piece = new Float32Array(options.nFft)
        const lead = Math.floor((options.nFft - options.winLength) / 2)
        const starts = Array.from(
          { length: frameCount(samples, options) },
          (_, t) => t * options.hopLength - paddingOf(options),
        )
        const sees = starts.map(start => {
          copyPadded(window, start, options.nFft, 'constant', piece)
          return piece.subarray(lead, lead + options.winLength).some(value => value !== 0)
        })
        expect(real).toBeGreaterThanOrEqual(1)
        expect(real).toBeLessThanOrEqual(starts.length)
        expect(sees.slice(real)).not.toContain(true)
        expect(real === 1 || starts[real - 1] + lead < Math.min(n, samples)).toBe(true)
      }),
    )
  })
})

const constants = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fc.constant(value)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>
  }

describe.each(configs)('mask_padding of %j', raw => {
  const { frontEnd, frames, rows } = front({ ...raw, mask_padding: true })

  it('makes frames of padding 0 and leaves the others as they are in a longer window', () => {
    const real = frontEnd.realFrames!(noise(1500, 4096))
    expect(real).toBeGreaterThan(15)
    expect(real).toBeLessThan(30)
    const masked = rows(noise(1500, 4096))
    expect(masked.slice(real).every(isZero)).toBe(true)
    expect(masked.slice(0, real).some(isZero)).toBe(false)
    const longer = front({ ...raw, mask_padding: true }, 6000)
    expect(longer.rows(noise(1500, 6000)).slice(0, real)).toEqual(masked.slice(0, real))
  })

  it('changes nothing where nothing is padded', () => {
    const full = noise(4096, 4096)
    expect(frontEnd.realFrames!(full)).toBe(frames)
    expect(rows(full)).toEqual(front(raw).rows(full))
    expect(front(raw).frontEnd.realFrames).toBeUndefined()
  })

  it('keeps the first frame of silence, and silence between sounds', () => {
    const silent = rows(new Float32Array(4096))
    expect(silent.map(isZero)).toEqual(silent.map((_, t) => t > 0))
    const between = noise(4096, 4096)
    between.fill(0, 1000, 3000)
    expect(rows(between)).toEqual(front(raw).rows(between))
  })
})

describe('cmn with mask_padding', () => {
  it('takes the mean over real frames', () => {
    const raw = { type: 'log-mel', ...MEL, mask_padding: true }
    const window = noise(1500, 4096)
    const [plain, centred] = [
      front(raw, 4096, false).rows(window),
      front({ ...raw, cmn: true }, 4096, false).rows(window),
    ]
    const real = front(raw).frontEnd.realFrames!(window)
    for (let bin = 0; bin < MEL.n_mels; bin++) {
      const mean = plain.slice(0, real).reduce((sum, row) => sum + row[bin] / real, 0)
      for (let t = 0; t < real; t++) expect(centred[t][bin]).toBeCloseTo(plain[t][bin] - mean, 4)
    }
  })
})

describe('mask_padding', () => {
  it.each([{ stack: 5 }, { crop: 8 }, { beats: { frames: 4 } }, { noise_reduction: {} }])(
    'does not go with %j',
    other => {
      expect(() => checkConfig({ type: 'log-mel', mask_padding: true, ...other }, frontEndSchema, '')).toThrow(
        `mask_padding: give mask_padding or ${Object.keys(other)[0]}, not both`,
      )
    },
  )
})
