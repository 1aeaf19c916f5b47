import { describe, expect, it } from 'vitest'
import { frontEndSchema } from '../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../src/model/frontends/create.ts'
import { hzToMel, melToHz } from '../../src/model/frontends/mel-filterbank.ts'
import type { Axis } from '../../src/train/report/axis.ts'
import type { View } from '../../src/train/report/example.ts'
import { featureView } from '../../src/train/view.ts'

type ImageView = Extract<View, { kind: 'image' }>

const viewOf = (raw: object) => {
  const config = frontEndSchema.parse(raw)
  const frontEnd = createFrontEnd(config)
  return { ...featureView(config, frontEnd), frontEnd }
}

describe('featureView', () => {
  it('draws samples and vectors as lines, frames and spectrograms as images', () => {
    expect(viewOf({ type: 'raw', window_samples: 50 }).view).toMatchObject({ kind: 'wave' })
    expect(viewOf({ type: 'frame', shape: [7] }).view).toMatchObject({ kind: 'wave' })
    const image = { kind: 'image', rows: 6, columns: 4 }
    expect(viewOf({ type: 'frame', shape: [6, 4] }).view).toMatchObject({ ...image, transpose: false })
    expect(viewOf({ type: 'features', shape: [6, 4] }).view).toMatchObject({ ...image, transpose: true })
  })

  it('lays stacks over one another, back to the frames they came from', () => {
    for (const stack of [1, 2, 5, 6]) {
      const { view, draw, frontEnd } = viewOf({ type: 'features', shape: [6, 4], stack })
      expect(view).toMatchObject({ kind: 'image', rows: 6, columns: 4, transpose: true })
      const frames = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i))
      const items = new Float32Array(frontEnd.items * 4 * stack)
      frontEnd.transform(frames, items)
      draw(items).forEach((x, i) => {
        expect(x).toBeCloseTo(frames[i], 6)
      })
    }
  })

  it('shows the first channel of a frame', () => {
    const { draw } = viewOf({ type: 'frame', shape: [2, 2, 3] })
    expect([...draw(Float32Array.from({ length: 12 }, (_, i) => i))]).toEqual([0, 3, 6, 9])
  })

  const marks = ({ ticks }: Axis) => Object.fromEntries(ticks.map(({ at, text }) => [text, at]))

  it('counts samples in seconds', () => {
    const { x, unit } = viewOf({ type: 'raw', sample_rate: 1000, window_samples: 2000 }).view
    expect([x.label, unit]).toEqual(['s', 'amplitude'])
    expect(marks(x)).toMatchObject({ '0': 0, '1': 0.5, '2': 1 })
  })

  it('puts each frame of a spectrogram where its middle lies', () => {
    const stft = { type: 'stft', sample_rate: 1000, window_samples: 1000, n_fft: 200, hop_length: 100 }
    const centred = viewOf(stft).view
    expect(centred.x.label).toBe('s')
    expect(marks(centred.x)['0.5']).toBeCloseTo((5 + 0.5) / 11, 9)
    const whole = viewOf({ ...stft, center: false }).view
    expect(marks(whole.x)['0.2']).toBeCloseTo((1 + 0.5) / 9, 9)
  })

  it('marks the frequencies of bins and mel bands', () => {
    const stft = viewOf({ type: 'stft', sample_rate: 16_000, n_fft: 1024 }).view as ImageView
    expect([stft.y.label, stft.unit]).toEqual(['kHz', 'amplitude'])
    expect(marks(stft.y)['4']).toBeCloseTo((256 + 0.5) / 513, 9)
    for (const htk of [false, true]) {
      const options = { sample_rate: 16_000, n_mels: 64, fmin: 100, fmax: 7000, htk }
      const mel = viewOf({ type: 'log-mel', ...options }).view as ImageView
      expect([mel.y.label, mel.unit]).toEqual(['kHz', 'dB'])
      const low = hzToMel(100, htk)
      const step = (hzToMel(7000, htk) - low) / 65
      const position = marks(mel.y)['4']
      expect(melToHz(low + step * (64 * position + 0.5), htk)).toBeCloseTo(4000, 6)
      expect(Object.keys(marks(mel.y)).length).toBeGreaterThanOrEqual(3)
    }
    const slow = viewOf({ type: 'mel', sample_rate: 1000, window_samples: 1000, n_fft: 256, n_mels: 16 })
      .view as ImageView
    expect([slow.y.label, slow.unit]).toEqual(['Hz', 'power'])
  })

  it('says what the values are', () => {
    const unit = (raw: object) => viewOf(raw).view.unit
    expect(unit({ type: 'log-mel', cmn: true })).toBe('dB from the mean')
    expect(unit({ type: 'frame', shape: [4, 4], log1p: true })).toBe('ln(1 + value)')
    expect(unit({ type: 'frame', shape: [4, 4], log1p: true, gain: 1000 })).toBe('ln(1 + 1000 · value)')
    expect(unit({ type: 'frame', shape: [4, 4] })).toBe('value')
    const { x, y } = viewOf({ type: 'frame', shape: [80, 40], bin: 2 }).view as ImageView
    expect([x.label, y.label]).toEqual(['column', 'row'])
    expect(marks(x)['20']).toBeCloseTo(0.5, 9)
  })
})
