import { describe, expect, it } from 'vitest'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd, normalizationOf, sampleRateOf } from '../../../src/model/frontends/create.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'

const parse = (raw: unknown) => frontEndSchema.parse(raw)

describe('createFrontEnd', () => {
  it.each([
    [{ type: 'raw', window_samples: 4800 }, [4800], 1, [4800, 1], 1],
    [{ type: 'raw', window_seconds: 0.5, sample_rate: 8000 }, [4000], 1, [4000, 1], 1],
    [{ type: 'stft' }, [16_000], 1, [32, 513, 1], 513],
    [{ type: 'mel', n_fft: 400, hop_length: 160, n_mels: 40 }, [16_000], 1, [101, 40, 1], 40],
    [{ type: 'log-mel', window_seconds: 10 }, [160_000], 1, [313, 128, 1], 128],
    [{ type: 'log-mel', stack: 5 }, [16_000], 28, [640], 128],
    [{ type: 'stft', stack: 2, n_fft: 441 }, [16_000], 31, [442], 221],
    [{ type: 'fft', window_samples: 4801 }, [4801], 1, [2401, 1], 2401],
    [{ type: 'fft', to_db: true }, [16_000], 1, [8001, 1], 8001],
    [{ type: 'mfcc', stack: 5 }, [16_000], 28, [100], 20],
    [{ type: 'chroma' }, [16_000], 1, [32, 12, 1], 12],
    [{ type: 'mel-chroma', n_mels: 64, tuning: null }, [16_000], 1, [32, 76, 1], 76],
    [{ type: 'stft', beats: { frames: 9 } }, [16_000], 1, [9, 513, 1], 513],
    [{ type: 'mfcc', cmn: true, beats: {}, stack: 3, noise_reduction: {} }, [16_000], 14, [60], 20],
    [{ type: 'frame', shape: [100, 100] }, [100, 100], 1, [100, 100, 1], 1],
    [{ type: 'frame', shape: [256, 256], bin: 4, log1p: true }, [256, 256], 1, [64, 64, 1], 1],
    [{ type: 'frame', shape: [512] }, [512], 1, [512], 1],
    [{ type: 'features', shape: [200, 128] }, [200, 128], 1, [200, 128, 1], 128],
    [{ type: 'features', shape: [200, 128], stack: 5 }, [200, 128], 196, [640], 128],
  ])('%j', (raw, windowShape, items, featureShape, length) => {
    const config = parse(raw)
    const frontEnd = createFrontEnd(config)
    expect(frontEnd).toMatchObject({ windowShape, items, featureShape })
    expect(normalizationOf(config).length).toBe(length)
    const size = items * sizeOf(featureShape)
    const out = new Float32Array(size + 2).fill(-7)
    frontEnd.transform(new Float32Array(sizeOf(windowShape)).fill(0.5), out, 1)
    expect([out[0], out[size + 1]]).toEqual([-7, -7])
    expect(out.subarray(1, size + 1)).not.toContain(-7)
  })

  it('gives the same output whatever was computed before', () => {
    const frontEnd = createFrontEnd(parse({ type: 'log-mel', stack: 3 }))
    const quiet = Float32Array.from({ length: 16_000 }, (_, i) => 1e-3 * Math.sin(i))
    const first = new Float32Array(frontEnd.items * frontEnd.featureShape[0])
    const second = first.slice()
    frontEnd.transform(quiet, first)
    frontEnd.transform(
      quiet.map(x => 1e3 * x),
      second,
    )
    expect(second).not.toEqual(first)
    frontEnd.transform(quiet, second)
    expect(second).toEqual(first)
  })

  it.each([
    { type: 'raw' },
    { type: 'stft', n_fft: 64, hop_length: 200, center: false },
    { type: 'mel' },
    { type: 'log-mel' },
    { type: 'fft' },
    { type: 'mfcc' },
    { type: 'chroma', tuning: null },
    { type: 'mel-chroma', n_fft: 1000 },
    { type: 'mel', beats: {} },
    { type: 'raw', noise_reduction: {} },
  ])('%j refuses NaN and another length', raw => {
    const frontEnd = createFrontEnd(parse(raw))
    const out = new Float32Array(sizeOf(frontEnd.featureShape))
    const window = new Float32Array(16_000)
    // With a hop of 200 it lies between two frames.
    window[100] = Number.NaN
    expect(() => frontEnd.transform(window, out)).toThrow(
      expect.objectContaining({ code: 'AUSCULT_NON_FINITE', at: 'sample 100' }),
    )
    expect(() => frontEnd.transform(window.subarray(1), out)).toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_SHAPE' }),
    )
  })

  it.each([{ type: 'mel' }, { type: 'fft', power: 2 }, { type: 'chroma' }])(
    '%j refuses samples whose power is not finite',
    raw => {
      const frontEnd = createFrontEnd(parse(raw))
      const out = new Float32Array(sizeOf(frontEnd.featureShape))
      expect(() => frontEnd.transform(new Float32Array(16_000).fill(1e30), out)).toThrow(
        expect.objectContaining({ code: 'AUSCULT_NON_FINITE' }),
      )
    },
  )
})

describe('front ends of bundles from before an option was there', () => {
  it('are as without it', () => {
    const config = parse({ type: 'log-mel' })
    const { noise_reduction, beats, ...old } = config as Record<string, unknown>
    expect([noise_reduction, beats]).toEqual([null, null])
    expect(createFrontEnd(old as typeof config).featureShape).toEqual([32, 128, 1])
  })
})

describe('sampleRateOf', () => {
  it('is null for frames and features', () => {
    const rates = [{ type: 'raw', sample_rate: 8000 }, { type: 'mel' }, { type: 'frame', shape: [2] }]
    expect(rates.map(raw => sampleRateOf(parse(raw)))).toEqual([8000, 16_000, null])
  })
})

describe('normalizationOf', () => {
  it('has a default for each kind of feature', () => {
    const methods = [
      { type: 'raw' },
      { type: 'log-mel' },
      { type: 'frame', shape: [2] },
      { type: 'raw', normalization: 'none' },
    ]
    expect(methods.map(raw => normalizationOf(parse(raw)).method)).toEqual(['minmax', 'standard', 'minmax', 'none'])
  })
})
