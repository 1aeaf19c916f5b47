import { describe, expect, it } from 'vitest'
import { frontEndSchema } from '../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../src/model/frontends/create.ts'
import { featureView } from '../../src/train/view.ts'

const viewOf = (raw: object) => {
  const config = frontEndSchema.parse(raw)
  const frontEnd = createFrontEnd(config)
  return { ...featureView(config, frontEnd), frontEnd }
}

describe('featureView', () => {
  it('draws samples and vectors as lines, frames and spectrograms as images', () => {
    expect(viewOf({ type: 'raw', window_samples: 50 }).view).toEqual({ kind: 'wave' })
    expect(viewOf({ type: 'frame', shape: [7] }).view).toEqual({ kind: 'wave' })
    const image = { kind: 'image', rows: 6, columns: 4 }
    expect(viewOf({ type: 'frame', shape: [6, 4] }).view).toEqual({ ...image, transpose: false })
    expect(viewOf({ type: 'features', shape: [6, 4] }).view).toEqual({ ...image, transpose: true })
  })

  it('lays stacks over one another, back to the frames they came from', () => {
    for (const stack of [1, 2, 5, 6]) {
      const { view, draw, frontEnd } = viewOf({ type: 'features', shape: [6, 4], stack })
      expect(view).toEqual({ kind: 'image', rows: 6, columns: 4, transpose: true })
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
})
