import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inputFormatSchema } from '../../src/ingest/format.ts'
import type { Scorer } from '../../src/model/scorer.ts'
import { sampleWindows, scoreWindows } from '../../src/train/score-windows.ts'
import { workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeEach(() => {
  folder = workFolder('score')
})
afterEach(() => folder.remove())

/** Scores a window by its first sample. */
const firstSample: Scorer = {
  windowShape: [10],
  latentSize: 1,
  device: 'cpu',
  score: async (windows, n) => {
    const scores = Float32Array.from({ length: n }, (_, i) => windows[10 * i])
    return { scores, latents: scores.map(s => -s), latentSize: 1 }
  },
  reconstruct: async () => ({ features: new Float32Array(0), reconstruction: new Float32Array(0) }),
  close: async () => {},
}

describe('scoreWindows', () => {
  it('keeps each score with its file and place, across batches', async () => {
    const counts = [70, 1, 65]
    const recordings = counts.map((count, i) => {
      const samples = Float32Array.from({ length: 10 * count }, (_, j) => i + j / 1024)
      const offsets = Array.from({ length: count }, (_, j) => 10 * j)
      return { path: folder.wav(`${i}.wav`, samples), offsets, sampleRate: 1000 }
    })
    const portions = recordings.map(({ path, offsets }) => ({ path, from: 0, to: offsets.length }))
    const map = new Map(recordings.map(r => [r.path, r]))
    const format = { format: inputFormatSchema.parse({}), windowShape: [10], sampleRate: 1000 }
    let count = 0
    for await (const { path, offset, score, latent } of scoreWindows(firstSample, map, portions, format)) {
      const file = recordings.findIndex(r => r.path === path)
      expect(score).toBeCloseTo(file + offset / 1024, 5)
      expect(latent[0]).toBe(-score)
      count++
    }
    expect(count).toBe(136)
  })
})

describe('sampleWindows', () => {
  it('takes evenly spaced windows, no more than asked for and no fewer than half', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 50 }),
        (counts, most) => {
          const portions = counts.map((to, i) => ({ path: `${i}`, from: 0, to }))
          const starts = counts.map((_, i) => counts.slice(0, i).reduce((a, b) => a + b, 0))
          const taken = sampleWindows(portions, most).flatMap(({ path, from, to, step = 1 }) => {
            const windows: number[] = []
            for (let i = from; i < to; i += step) windows.push(starts[Number(path)] + i)
            return windows
          })
          const total = starts.at(-1)! + counts.at(-1)!
          expect(taken.length).toBeLessThanOrEqual(most)
          expect(taken.length).toBeGreaterThanOrEqual(Math.min(total, most) / 2)
          const steps = taken.slice(1).map((window, i) => window - taken[i])
          expect(new Set(steps).size).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})
