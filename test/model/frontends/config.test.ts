import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'

const message = (raw: unknown): string => {
  try {
    checkConfig(raw, frontEndSchema, 'front_end')
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('frontEndSchema', () => {
  it('fills in the defaults, and accepts what it has filled in', () => {
    for (const raw of [
      ...['raw', 'fft', 'stft', 'mel', 'log-mel', 'mfcc', 'chroma', 'mel-chroma'].map(type => ({ type })),
      { type: 'frame', shape: [100, 100] },
      { type: 'features', shape: [200, 128] },
    ]) {
      const config = frontEndSchema.parse(raw)
      expect(frontEndSchema.parse(config)).toEqual(config)
    }
    expect(frontEndSchema.parse({ type: 'log-mel' })).toMatchObject({
      sample_rate: 16_000,
      n_fft: 1024,
      hop_length: 512,
      n_mels: 128,
      power: 2,
      top_db: 80,
      stack: null,
      normalization: 'standard',
    })
  })

  it('describes every option', () => {
    for (const option of frontEndSchema.options) {
      for (const [name, schema] of Object.entries(option.shape)) {
        expect(`${option.shape.type.value}.${name}: ${schema.meta()?.description}`).not.toContain('undefined')
      }
    }
  })

  it.each([
    [{ type: 'cqt' }, 'type: '],
    [{ type: 'mfcc', n_mels: 12 }, 'n_mfcc: 20 coefficients are wanted of 12 mel bands'],
    [{ type: 'chroma', power: 1 }, 'power: unknown option'],
    [{ type: 'chroma', norm: 3 }, 'norm: '],
    [{ type: 'mel-chroma', fmax: 9000 }, 'fmax: is above half the sample rate, 8000 Hz'],
    [{ type: 'raw', beats: {} }, 'beats: unknown option'],
    [{ type: 'log-mel', beats: {}, center: false }, 'beats: beats are found in centred frames'],
    [{ type: 'log-mel', beats: { frames: 40 } }, 'beats: 40 frames are wanted, but a window has 32 before pooling'],
    [{ type: 'mfcc', beats: { frames: 4 }, stack: 5 }, 'stack: 5 frames are wanted, beats.frames leaves 4'],
    [{ type: 'frame', shape: [4], noise_reduction: {} }, 'noise_reduction: unknown option'],
    [{ type: 'raw', noise_reduction: { prop_decrease: 2 } }, 'noise_reduction.prop_decrease: '],
    [
      { type: 'raw', window_samples: 800, noise_reduction: {} },
      'noise_reduction: n_fft of 1024 is longer than a window',
    ],
    [{ type: 'fft', noise_reduction: { hop_length: 600 } }, 'noise_reduction: hop_length of 600 is more than half'],
    [
      { type: 'mel', noise_reduction: { freq_mask_smooth_hz: 20 } },
      'noise_reduction: freq_mask_smooth_hz must be 31.25 Hz at least, or null',
    ],
    [
      { type: 'mel', noise_reduction: { time_mask_smooth_ms: 10 } },
      'noise_reduction: time_mask_smooth_ms must be 16 ms at least, or null',
    ],
    [{ type: 'raw', n_fft: 512 }, 'n_fft: unknown option'],
    [{ type: 'raw', window_seconds: 1, window_samples: 4800 }, 'window_samples: give window_seconds or window_samples'],
    [{ type: 'stft', win_length: 2000 }, 'win_length: 2000 is longer than n_fft, which is 1024'],
    [{ type: 'mel', fmax: 9000 }, 'fmax: is above half the sample rate, 8000 Hz'],
    [{ type: 'mel', fmin: 4000, fmax: 4000 }, 'fmin: is not below fmax, 4000 Hz'],
    [{ type: 'mel', power: 3 }, 'power: '],
    [{ type: 'mel', norm: 'none' }, 'norm: '],
    [{ type: 'log-mel', window_samples: 1000, stack: 5 }, 'stack: a window of 1000 samples gives 2 frames, but 5'],
    [{ type: 'log-mel', window_samples: 1000, center: false }, 'n_fft: a window of 1000 samples gives 0 frames, but 1'],
    [{ type: 'log-mel', ref: 'min' }, 'ref: '],
    [{ type: 'frame' }, 'shape: '],
    [{ type: 'frame', shape: [100, 99], bin: 2 }, 'bin: 2 does not divide the shape 100 × 99'],
    [{ type: 'features', shape: [4, 8, 1] }, 'shape: '],
    [{ type: 'features', shape: [4, 8], stack: 5 }, 'stack: 5 frames are wanted, the shape has 4'],
  ])('refuses %j', (raw, expected) => {
    expect(message(raw)).toContain(expected)
  })

  it('divides spatial axes only', () => {
    expect(message({ type: 'frame', shape: [4, 4, 3], bin: 2 })).toBe('')
  })
})
