import { describe, expect, it } from 'vitest'
import { writeBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyParts, tinyWindows, WINDOW, writeTinyBundle } from '../helpers/tiny-bundle.ts'

const { folder } = temporaryFolder()
const cpu = { device: 'cpu', threads: 1 } as const

describe('loadScorer', () => {
  it('scores a window by the mean over its items', async () => {
    const scorer = await loadScorer(await writeTinyBundle(folder), cpu)
    const windows = tinyWindows(3)
    const { scores, latents, latentSize } = await scorer.score(windows, 3)
    const { features, reconstruction } = await scorer.reconstruct(windows, 3)
    expect([scores.length, latents.length, latentSize]).toEqual([3, 6, 2])
    expect(features.length).toBe(3 * 4 * 24)
    // In normalised units, where the scale is 2.
    const squares = features.map((value, i) => (2 * (value - reconstruction[i])) ** 2)
    for (let i = 0; i < 3; i++) {
      const mean = squares.slice(i * 96, (i + 1) * 96).reduce((a, b) => a + b) / 96
      expect(scores[i]).toBeCloseTo(mean, 4)
    }
    expect(features[0]).toBeCloseTo(windows[0], 6)
    await scorer.close()
  })

  it('gives the same scores for windows alone and together', async () => {
    const scorer = await loadScorer(await writeTinyBundle(folder), cpu)
    const windows = tinyWindows(20)
    const { scores } = await scorer.score(windows, 20)
    for (let i = 0; i < 20; i++) {
      const alone = await scorer.score(windows.subarray(i * WINDOW, (i + 1) * WINDOW), 1)
      expect(alone.scores[0]).toBeCloseTo(scores[i], 6)
    }
    await scorer.close()
  })

  it('says where a window is not finite', async () => {
    const scorer = await loadScorer(await writeTinyBundle(folder), cpu)
    const windows = tinyWindows(2)
    windows[WINDOW + 9] = Number.NaN
    await expect(scorer.score(windows, 2)).rejects.toThrow(expect.objectContaining({ code: 'AUSCULT_NON_FINITE' }))
    await scorer.close()
  })

  it('refuses a bundle whose golden windows score otherwise', async () => {
    const parts = tinyParts()
    const target = `${folder}/wrong`
    await writeBundle(target, { ...parts, golden: { ...parts.golden, scores: Float32Array.of(123, 456) } })
    await expect(loadScorer(target, cpu)).rejects.toThrow(/golden window 0 scores .* and 123 when it was trained/)
  })
})
