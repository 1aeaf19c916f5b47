import { describe, expect, it } from 'vitest'
import { explainResidual } from '../../../src/model/explanation/explain.ts'
import { createFeatureMap } from '../../../src/model/explanation/feature-map.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { seeded } from '../../../src/random.ts'

/** Explains residuals `value(k, item)` of features that are 0 everywhere. */
function explain(
  raw: object,
  residual: (k: number, item: number) => number,
  weights: { scale?: number[]; residualSpread?: number[] } = {},
) {
  const config = frontEndSchema.parse(raw)
  const frontEnd = createFrontEnd(config)
  const size = sizeOf(frontEnd.featureShape)
  const features = Float32Array.from({ length: frontEnd.items * size }, (_, i) =>
    residual(i % size, Math.floor(i / size)),
  )
  const reconstruction = new Float32Array(features.length)
  return explainResidual(createFeatureMap(config, frontEnd), { features, reconstruction }, size, {
    scale: [1],
    ...weights,
  })
}

const noise = () => {
  const random = seeded(7)
  return () => random.normal()
}

describe('explainResidual', () => {
  it('finds a band that is too loud, its share and difference', () => {
    // 10 bins of 100 Hz from 0 on (bin k reaches half a bin to both sides), 9 frames.
    const stft = { type: 'stft', sample_rate: 1800, window_samples: 96, n_fft: 18, hop_length: 12 }
    const { contributors, summary } = explain(stft, k => ([4, 5].includes(k % 10) ? 3 : 0.5))
    // Of a frame: 2 × 9 = 18 in the two bins, 8 × 0.25 = 2 in the others.
    expect(contributors).toEqual([{ axis: 'frequency', label: '350–550 Hz', share: 18 / 20, difference: 3 }])
    expect(summary).toBe('90 % of the residual at 350–550 Hz, 3 above what is expected')
  })

  it('finds when it was', () => {
    const logMel = { type: 'log-mel', sample_rate: 1000, window_samples: 1000, n_fft: 100, hop_length: 100, n_mels: 4 }
    // 11 frames, of which frame t is centred on t × 0.1 s.
    const { contributors, summary } = explain(logMel, k => (Math.floor(k / 4) === 3 ? -20 : 0))
    expect(contributors).toEqual([{ axis: 'time', label: '0.25–0.35 s', share: 1, difference: -20 }])
    expect(summary).toBe('100 % of the residual at 0.25–0.35 s, 20 dB below what is expected')
  })

  it('names bands and times of a short tone, largest share first, five at most', () => {
    const logMel = { type: 'log-mel', sample_rate: 16_000, window_samples: 16_000, n_fft: 1024, hop_length: 512 }
    const random = noise()
    const tone = (k: number) => Math.floor(k / 128) >= 10 && Math.floor(k / 128) < 16 && k % 128 >= 60 && k % 128 < 64
    const { contributors, summary } = explain(logMel, k => (tone(k) ? 12 : 0.5 * random()))
    expect(contributors.map(({ axis }) => axis).sort()).toEqual(['frequency', 'time'])
    for (const { axis, label, share, difference } of contributors) {
      expect(label).toBe(axis === 'time' ? '0.30–0.50 s' : '1.53–1.69 kHz')
      expect(share).toBeGreaterThan(0.7)
      expect(difference).toBeGreaterThan(0)
    }
    expect(contributors[0].share).toBeGreaterThanOrEqual(contributors[1].share)
    expect(summary).toMatch(
      /^\d\d % of the residual at 1\.53–1\.69 kHz within 0\.30–0\.50 s, 12 dB above what is expected$/,
    )
    const comb = explain(logMel, k => ((k % 128) % 16 === 0 ? 5 : 0))
    expect(comb.contributors.length).toBeLessThanOrEqual(5)
  })

  it('says so when nothing stands out', () => {
    const features = { type: 'features', shape: [30, 20] }
    const random = noise()
    const { contributors, summary } = explain(features, () => 4 + random())
    expect(contributors).toEqual([{ axis: 'feature', label: 'bins 0–19', share: 1, difference: expect.closeTo(4, 0) }])
    expect(summary).toMatch(/^The residual is spread over bins 0–19, (3\.9|4|4\.1) above what is expected$/)
    expect(explain(features, () => 0).summary).toBe('There is no residual')
  })

  it('weighs features as the normalisation does', () => {
    const features = { type: 'features', shape: [4, 8] }
    const scale = [1, 1, 1, 1, 1, 1, 1, 10]
    const { contributors } = explain(features, k => (k % 8 === 2 ? 2 : k % 8 === 7 ? 1 : 0), { scale })
    expect(contributors[0]).toEqual({ axis: 'feature', label: 'bin 7', share: 100 / 104, difference: 1 })
  })

  it('lays stacks over one another: features are averaged, shares are as in the score', () => {
    // 6 frames of 4 bins in four stacks of 3: frames 0 … 5 occur 1, 2, 3, 3, 2, 1 times.
    const stacks = { type: 'features', shape: [6, 4], stack: 3 }
    const { contributors, features } = explain(stacks, (k, item) => (item + Math.floor(k / 4) === 5 ? 2 : 0))
    expect([...features]).toEqual(Array.from({ length: 24 }, (_, i) => (i % 6 === 5 ? 2 : 0)))
    expect(contributors[0]).toEqual({ axis: 'time', label: 'frame 5', share: 1, difference: 2 })
    const even = explain(stacks, () => 1)
    expect([...even.residual]).toEqual(new Array(24).fill(1))
  })

  it('divides the score of a model with residual spread as it is: mean over items, in units of the spread', () => {
    const stacks = { type: 'features', shape: [4, 2], stack: 1 }
    // Bin 0 swings around 0 from item to item, and does not count; bin 1 is 1 off throughout, of a spread of 0.5.
    const residual = (k: number, item: number) => (k === 0 ? (item % 2 ? 9 : -9) : 1)
    const { contributors } = explain(stacks, residual, { residualSpread: [1, 0.5] })
    expect(contributors[0]).toMatchObject({ axis: 'feature', label: 'bin 1', share: 1, difference: 1 })
    expect(explain(stacks, residual).contributors[0]).toMatchObject({ label: 'bin 0', share: 81 / 82 })
  })

  it('finds regions of pixels, in pixels of the frame', () => {
    const hot = (row: number, column: number) => row >= 3 && row <= 5 && column >= 6 && column <= 7
    const frame = explain({ type: 'frame', shape: [10, 12] }, k => (hot(Math.floor(k / 12), k % 12) ? 5 : 0.1))
    expect(frame.contributors).toEqual([
      { axis: 'region', label: 'rows 3–5, columns 6–7', share: expect.closeTo(150 / 151.14, 6), difference: 5 },
    ])
    expect(frame.summary).toBe('99 % of the residual at rows 3–5, columns 6–7, 5 above what is expected')
    const binned = { type: 'frame', shape: [20, 20], bin: 2 }
    expect(explain(binned, k => (k === 34 ? 1 : 0)).contributors[0].label).toBe('rows 6–7, columns 8–9')
    const single = explain({ type: 'frame', shape: [10, 10] }, k => (k === 34 ? -1 : 0))
    expect(single.contributors[0]).toMatchObject({ label: 'row 3, column 4', difference: -1 })
  })

  it('finds two spots of a large noisy frame, and none in noise', () => {
    const random = noise()
    const within = (k: number, row: number, column: number) =>
      Math.abs(Math.floor(k / 256) - row) <= 6 && Math.abs((k % 256) - column) <= 6
    const frame = { type: 'frame', shape: [256, 256] }
    const { contributors } = explain(frame, k => random() * 0.2 + (within(k, 40, 50) ? 6 : within(k, 200, 220) ? 3 : 0))
    expect(contributors.map(({ label }) => label)).toEqual([
      'rows 34–46, columns 44–56',
      'rows 194–206, columns 214–226',
    ])
    const quiet = noise()
    expect(explain(frame, quiet).contributors).toMatchObject([{ label: 'rows 0–255, columns 0–255', share: 1 }])
  })

  it('adds up the channels of a frame', () => {
    const { contributors, rows } = {
      rows: 3,
      ...explain({ type: 'frame', shape: [3, 4, 2] }, k => (k >> 1 === 6 ? 1 : 0)),
    }
    expect(contributors[0]).toMatchObject({ label: 'row 1, column 2', share: 1, difference: 1 })
    expect(rows).toBe(3)
  })

  it('finds where a waveform is off, in seconds', () => {
    const raw = { type: 'raw', sample_rate: 8000, window_samples: 8000 }
    const { contributors, summary } = explain(raw, k => (k >= 2000 && k < 3000 ? Math.sin(k) : 0.01 * Math.sin(k)))
    expect(contributors).toMatchObject([{ axis: 'time', label: expect.stringMatching(/^0\.2[45]–0\.3[678] s$/) }])
    expect(summary).toMatch(/as much above as below what is expected$/)
  })

  it('names values of vectors', () => {
    const { contributors } = explain({ type: 'frame', shape: [40], bin: 2 }, k => (k === 5 || k === 6 ? 1 : 0))
    expect(contributors).toEqual([{ axis: 'feature', label: 'values 10–13', share: 1, difference: 1 }])
  })
})
