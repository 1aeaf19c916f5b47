import { describe, expect, it } from 'vitest'
import { axesOf, unitOf } from '../../../src/model/explanation/axes.ts'
import { createFeatureMap } from '../../../src/model/explanation/feature-map.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'

const axes = (raw: object, columns: number, rows: number) => axesOf(frontEndSchema.parse(raw), columns, rows)

describe('axesOf', () => {
  it('puts the frequencies of a whole window to the right, in steps of one over its length', () => {
    const { x, y } = axes({ type: 'fft', sample_rate: 1000, window_samples: 10 }, 6, 1)
    expect(y).toBeUndefined()
    expect(x).toMatchObject({ name: 'frequency', unit: 'Hz', kind: 'frequency' })
    expect([...x.edges]).toEqual([0, 50, 150, 250, 350, 450, 500])
  })

  it.each([
    [{ type: 'mfcc' }, 'coefficient', 20],
    [{ type: 'chroma' }, 'chroma bin', 12],
    [{ type: 'mel-chroma' }, 'bin', 140],
  ])('counts what is no frequency: %j', (raw, name, rows) => {
    const { x, y } = axes(raw, 32, rows)
    expect(x).toMatchObject({ name: 'time', unit: 's' })
    expect(y).toMatchObject({ name, unit: 'index', kind: 'feature' })
  })

  it('counts segments between beats, whose times differ from window to window', () => {
    const config = frontEndSchema.parse({ type: 'log-mel', n_mels: 8, beats: { frames: 6 }, stack: 2 })
    const { x, y, rows, columns } = createFeatureMap(config, createFrontEnd(config))
    expect([rows, columns]).toEqual([8, 6])
    expect(x).toMatchObject({ name: 'segment', unit: 'index', kind: 'time' })
    expect(y).toMatchObject({ unit: 'Hz' })
  })
})

describe('unitOf', () => {
  it.each([
    [{ type: 'fft' }, 'amplitude'],
    [{ type: 'fft', power: 2 }, 'power'],
    [{ type: 'fft', to_db: true }, 'dB'],
    [{ type: 'mfcc' }, 'coefficient'],
    [{ type: 'chroma' }, 'energy, relative'],
    [{ type: 'chroma', norm: null }, 'energy'],
  ])('%j', (raw, unit) => {
    expect(unitOf(frontEndSchema.parse(raw))).toBe(unit)
  })
})
