import { describe, expect, it } from 'vitest'
import { frontEndSchema } from '../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../src/model/frontends/create.ts'
import { featureView } from '../../src/train/view.ts'

const viewOf = (raw: object) => {
  const config = frontEndSchema.parse(raw)
  return featureView(config, createFrontEnd(config)).view
}

const image = (raw: object) => {
  const view = viewOf(raw)
  if (view.kind !== 'image') throw new Error(`an image is wanted, it is a ${view.kind}`)
  return view
}

describe('views of features', () => {
  it('draw the spectrum of a whole window as a line over its frequencies', () => {
    const view = viewOf({ type: 'fft', to_db: true })
    expect(view).toMatchObject({ kind: 'wave', unit: 'dB', x: { label: 'kHz' } })
    expect(view.x.ticks.at(-1)).toEqual({ at: 1, text: '8' })
  })

  it('name the twelve pitch classes, and count others', () => {
    const { y, rows, columns } = image({ type: 'chroma' })
    expect([rows, columns, y.label]).toEqual([32, 12, 'pitch class'])
    expect(y.ticks[9]).toEqual({ at: 9.5 / 12, text: 'A' })
    expect(image({ type: 'chroma', n_chroma: 24 }).y.label).toBe('chroma bin')
  })

  it('count coefficients, fused bins and segments between beats', () => {
    expect(image({ type: 'mfcc' }).y.label).toBe('coefficient')
    expect(image({ type: 'mel-chroma' })).toMatchObject({ columns: 140, y: { label: 'bin' } })
    expect(image({ type: 'log-mel', beats: { frames: 8 } })).toMatchObject({ rows: 8, x: { label: 'segment' } })
  })
})
