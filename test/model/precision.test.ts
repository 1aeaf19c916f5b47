import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBundle, writeBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import type { Precision } from '../../src/model/engine.ts'
import { decodeModel } from '../../src/model/onnx/model.ts'
import { modelAt, rangesOver } from '../../src/model/precision.ts'
import { REDUCED_TOLERANCE } from '../../src/model/precision-rules.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyParts, tinyWindows, WINDOW, writeTinyBundle } from '../helpers/tiny-bundle.ts'

const { folder } = temporaryFolder()
const cpu = { device: 'cpu', threads: 1 } as const

async function scores(bundle: string, precision: Precision): Promise<Float32Array> {
  const scorer = await loadScorer(bundle, { ...cpu, precision })
  const { scores } = await scorer.score(tinyWindows(10, 9), 10)
  await scorer.close()
  return scores
}

async function* someWindows() {
  const windows = tinyWindows(20)
  for (let i = 0; i < 20; i++) yield windows.subarray(i * WINDOW, (i + 1) * WINDOW)
}

/** The tiny bundle with the ranges of its windows. */
async function withRanges(): Promise<string> {
  const target = await writeTinyBundle(folder)
  const bundle = await readBundle(target)
  const parts = { ...tinyParts(), golden: bundle.golden, ranges: await rangesOver(bundle, someWindows()) }
  await writeBundle(target, parts)
  return target
}

describe('precision', () => {
  it.each(['fp16', 'int8'] as const)('scores in %s as in fp32, to the tolerance', async precision => {
    const bundle = await withRanges()
    const [exact, reduced] = [await scores(bundle, 'fp32'), await scores(bundle, precision)]
    for (const [i, score] of exact.entries()) {
      expect(Math.abs(reduced[i] / score - 1)).toBeLessThanOrEqual(REDUCED_TOLERANCE)
    }
    expect([...reduced]).not.toEqual([...exact])
  })

  it('takes the ranges of the bundle, and where there are none those of its golden windows', async () => {
    const withOwn = await readBundle(await withRanges())
    expect(withOwn.ranges).toMatchObject({ windows: 20 })
    expect(withOwn.manifest.files).toHaveProperty(['ranges.json'])
    const without = await readBundle(await writeTinyBundle(folder))
    expect(without.ranges).toBeUndefined()
    const model = await modelAt(without, 'int8')
    expect(decodeModel(model, 'int8').graph.node.some(({ opType }) => opType === 'QGemm')).toBe(true)
    expect(Buffer.from(model).equals(await modelAt(withOwn, 'int8'))).toBe(false)
  })

  it('is what a scorer needs: fp32 gives the file as it is', async () => {
    const bundle = await readBundle(await writeTinyBundle(folder))
    expect(await modelAt(bundle, 'fp32')).toBe(bundle.model)
  })

  it.each(['fp16', 'int8'] as const)(
    'refuses a model that scores otherwise in %s, and says which would do',
    async p => {
      const target = await withRanges()
      const bundle = await readBundle(target)
      const golden = { ...bundle.golden, scores: bundle.golden.scores.map(score => 1.02 * score) }
      await writeBundle(target, { ...tinyParts(), ranges: bundle.ranges, golden })
      await expect(loadScorer(target, { ...cpu, precision: p })).rejects.toThrow(
        expect.objectContaining({
          code: 'AUSCULT_PRECISION',
          at: target,
          message: expect.stringMatching(
            new RegExp(`golden window 0 scores .* in ${p} and .* when it was trained; a difference of 1 % is allowed`),
          ),
          remedy: expect.stringContaining('--precision all'),
        }),
      )
    },
  )

  it.each([
    [{ device: 'webgpu', precision: 'int8' }, /the device webgpu cannot be used: models in int8 are for the CPU/],
    [{ device: 'cuda', precision: 'int8' }, /the device cuda cannot be used/],
    [{ engine: 'tfjs', device: 'cpu', precision: 'fp16' }, /the engine tfjs computes in fp32 alone/],
  ] as const)('refuses %j', async (options, message) => {
    const target = await writeTinyBundle(folder)
    await expect(loadScorer(target, { threads: 1, ...options })).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_PRECISION', message: expect.stringMatching(message) }),
    )
  })

  it('computes int8 on the CPU where the device is automatic, and says why', async () => {
    const scorer = await loadScorer(await writeTinyBundle(folder), { device: 'auto', threads: 1, precision: 'int8' })
    expect(scorer.device).toBe('cpu')
    expect(scorer.passedOver?.map(({ device, reason }) => [device, reason])).toEqual([
      ['cuda', 'models in int8 are for the CPU'],
      ['webgpu', 'models in int8 are for the CPU'],
    ])
    await scorer.close()
  })

  it('refuses a model without a layer that 8 bits are for', async () => {
    const bundle = await readBundle(await writeTinyBundle(folder))
    const nothing = { ...bundle, ranges: { windows: 1, values: {} } }
    await expect(modelAt(nothing, 'int8')).rejects.toThrow(expect.objectContaining({ code: 'AUSCULT_PRECISION' }))
  })

  it('refuses damaged ranges', async () => {
    const target = await withRanges()
    rmSync(join(target, 'ranges.json'))
    await expect(loadScorer(target, cpu)).rejects.toThrow(expect.objectContaining({ code: 'AUSCULT_BUNDLE' }))
  })
})
