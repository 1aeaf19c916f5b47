import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { writeBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { detectorSchema } from '../../src/model/detectors/config.ts'
import { fitDetector } from '../../src/model/detectors/fit.ts'
import { vectorSpec } from '../../src/model/detectors/vectors.ts'
import type { EngineOptions, Session } from '../../src/model/engine.ts'
import { openSession } from '../../src/model/open-session.ts'
import { scoreBatch } from '../../src/stream/score-batch.ts'
import { classifierGraph } from '../helpers/classifier-bundle.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyParts, tinyWindows, WINDOW, writeTinyBundle } from '../helpers/tiny-bundle.ts'

vi.mock('../../src/model/open-session.ts', async original => {
  const { openSession } = await original<typeof import('../../src/model/open-session.ts')>()
  return { openSession: vi.fn(openSession) }
})

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

  it('gives the mean probabilities of the classes over the items of a window', async () => {
    const classes = ['low', 'high']
    const parts = tinyParts()
    const model = classifierGraph([24], [0.4, 0.6])
    const bundle = await writeTinyBundle(folder, { manifest: { ...parts.manifest, classes }, model })
    const scorer = await loadScorer(bundle, cpu)
    // Of six frames of eight values, each item has three: one loud frame is in one to three of the four items.
    const windows = new Float32Array(2 * WINDOW).fill(0.7)
    windows.fill(1, 3 * 8, 4 * 8)
    const { probabilities } = await scorer.score(windows, 2)
    const ofLevel = (level: number) => {
      const [low, high] = [0.4, 0.6].map(own => Math.exp(-40 * (level - own) ** 2))
      return high / (low + high)
    }
    // Normalised: (x − 0.5) × 2.
    const [calm, loud] = [ofLevel(0.4), ofLevel((0.4 + 0.4 + 1) / 3)]
    expect(probabilities).toHaveLength(4)
    expect(probabilities![1]).toBeCloseTo((calm + 3 * loud) / 4, 4)
    expect(probabilities![3]).toBeCloseTo(calm, 4)
    expect(probabilities![2]).toBeCloseTo(1 - calm, 4)
    expect((await scoreBatch(scorer, windows, 2)).scores).toEqual((await scorer.score(windows, 2)).scores)
    await scorer.close()
  })

  it('gives them beside the score of a detector', async () => {
    const parts = tinyParts()
    const config = detectorSchema.parse({ type: 'knn' })
    const spec = vectorSpec(config, 1)
    const detector = fitDetector({ vectors: Float32Array.of(0, 0, 1, 1, 2, 1), size: 2, spec }, config, 0)
    const manifest = { ...parts.manifest, classes: ['low', 'high'], detector: { ...config } }
    const model = classifierGraph([24], [0.4, 0.6])
    const scorer = await loadScorer(await writeTinyBundle(folder, { manifest, model, detector }), cpu)
    const { probabilities, scores } = await scorer.score(new Float32Array(WINDOW).fill(0.8), 1)
    expect(probabilities![1]).toBeGreaterThan(0.8)
    expect(probabilities![0] + probabilities![1]).toBeCloseTo(1, 5)
    expect(scores[0]).toBeGreaterThan(0)
    await scorer.close()
  })

  it('refuses a model that gives other classes than its manifest names', async () => {
    const parts = tinyParts()
    const manifest = { ...parts.manifest, classes: ['a', 'b', 'c'] }
    const written = writeTinyBundle(folder, { manifest, model: classifierGraph([24], [0.4, 0.6]) })
    await expect(written).rejects.toThrow('gives 2 probabilities of an item, and its manifest names 3 classes')
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

  describe('on a device that scores otherwise', () => {
    const opening = vi.mocked(openSession)
    const real = opening.getMockImplementation()!
    const opened: EngineOptions[] = []
    const released: string[] = []
    let bundle: string
    beforeAll(async () => {
      bundle = await writeTinyBundle(folder)
      opening.mockImplementation(openWrong)
    })
    afterAll(() => void opening.mockImplementation(real))

    /** The CPU, as a device whose scores are off; `auto` takes it unless it is told not to. */
    async function openWrong(bundle: Parameters<typeof openSession>[0], options: EngineOptions): Promise<Session> {
      opened.push(options)
      const cpu = await real(bundle, { ...options, device: 'cpu' })
      const isWrong = options.device === 'webgpu' || !options.passOver?.some(({ device }) => device === 'webgpu')
      if (!isWrong) return { ...wrap(cpu), device: 'cpu', passedOver: options.passOver ?? [] }
      const run: Session['run'] = async (feeds, names) => {
        const results = await cpu.run(feeds, names)
        return { ...results, score: { ...results.score, data: results.score.data.map(value => value * 1.1) } }
      }
      return { ...wrap(cpu), device: 'webgpu', passedOver: [], run }
    }

    const wrap = (session: Session): Session => ({
      device: session.device,
      passedOver: [],
      run: (feeds, into) => session.run(feeds, into),
      release: async () => {
        released.push('session')
        await session.release()
      },
    })

    it('passes it over in auto, and says why', async () => {
      const scorer = await loadScorer(bundle, { device: 'auto', threads: 1 })
      expect(scorer.device).toBe('cpu')
      expect(scorer.passedOver).toEqual([
        {
          device: 'webgpu',
          reason: expect.stringMatching(/^golden window 0 scores .* when it was trained$/),
          remedy: expect.any(String),
        },
      ])
      expect([opened.length, released.length]).toEqual([2, 1])
      await scorer.close()
    })

    it('refuses it when it was asked for by name', async () => {
      const refused = loadScorer(bundle, { device: 'webgpu', threads: 1 })
      await expect(refused).rejects.toThrow(/golden window 0 scores/)
    })
  })
})
