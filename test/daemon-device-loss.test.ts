import { describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { createDaemon, daemonConfigSchema } from '../src/daemon.ts'
import { MemorySource } from '../src/ingest/memory.ts'
import type { Logger } from '../src/logger.ts'
import { loadScorer } from '../src/model/bundle-scorer.ts'
import type { Score } from '../src/types.ts'
import { LOSSY_SCORER } from './helpers/lossy-scorer.ts'
import { parseMetrics, sumOf } from './helpers/metrics.ts'
import { swiftshader } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { tinyWindows, WINDOW, writeTinyBundle } from './helpers/tiny-bundle.ts'
import { relativeDifference } from './helpers/traced.ts'
import { until } from './helpers/until.ts'

const { folder } = temporaryFolder()
const driver = swiftshader()
const COUNT = 60

describe.skipIf(!driver)('a daemon on WebGPU (SwiftShader), whose session is destroyed while windows flow', () => {
  // Read by the Vulkan loader when the first session is created.
  process.env.VK_ICD_FILENAMES = driver
  process.env.XDG_RUNTIME_DIR = '/tmp'

  it('scores every window, in order, as the CPU does, and says what happened everywhere', async () => {
    const bundle = await writeTinyBundle(folder)
    const said: [string, Record<string, unknown>, string][] = []
    const note = (level: string) => (entry: Record<string, unknown>, text: string) =>
      void said.push([level, entry, text])
    const logger = { debug() {}, info: note('info'), warn: note('warn'), error: note('error') } as unknown as Logger
    const raw = {
      bundle,
      sources: {},
      window: { overlap: 0 },
      http: { port: 0 },
      scorer: { device: 'webgpu' },
      batch: { max: 4, wait_ms: 1 },
    }
    let source: MemorySource | undefined
    const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'test'), {
      logger,
      scorerModule: LOSSY_SCORER,
      feeds: spec => {
        source = new MemorySource('mic', spec)
        return [source]
      },
    })
    const scores: Score[] = []
    daemon.on('score', score => scores.push(score))
    await daemon.start()
    const get = async (path: string) => (await fetch(daemon.address + path)).json()
    const scrape = async () => parseMetrics(await (await fetch(`${daemon.address}/metrics`)).text())
    expect(await get('/v1/status')).toMatchObject({ devices: { webgpu: 1 }, fallbacks: 0 })
    expect((await scrape()).get('auscult_scorer_device{device="webgpu"}')).toBe(1)

    const windows = tinyWindows(COUNT)
    for (let i = 0; i < COUNT; i++) source!.push(windows.slice(i * WINDOW, (i + 1) * WINDOW))
    await until(() => scores.length === COUNT, 20_000)

    const scorer = await loadScorer(bundle, { device: 'cpu', threads: 1 })
    const expected = await scorer.score(windows, COUNT)
    await scorer.close()
    const values = Float32Array.from(scores, ({ score }) => score)
    expect(relativeDifference(values, expected.scores)).toBeLessThanOrEqual(1e-4)
    expect(scores.map(({ index }) => index)).toEqual(Array.from(scores, (_, i) => i))

    const metrics = await scrape()
    const of = (name: string) => sumOf(metrics, `auscult_windows_${name}`, 'source="mic"')
    expect(['received_total', 'scored_total', 'dropped_total', 'failed_total', 'in_flight'].map(of)).toEqual([
      ...[COUNT, COUNT, 0, 0, 0],
    ])
    expect(metrics.get('auscult_scorer_device{device="cpu"}')).toBe(1)
    expect(metrics.get('auscult_scorer_device{device="webgpu"}')).toBe(0)
    expect(metrics.get('auscult_scorer_fallbacks_total')).toBe(1)
    expect(await get('/v1/status')).toMatchObject({ devices: { cpu: 1 }, fallbacks: 1, ready: true, failed: 0 })
    const { components } = (await get('/readyz')) as { components: Record<string, object> }
    expect(components.scorer).toEqual({
      ok: true,
      reason: expect.stringMatching(/^1 of 1 threads on cpu since webgpu was lost: it was lost while it was used: /),
    })
    const [start, warning] = said.filter(([, , text]) => /webgpu/.test(text))
    expect(start).toEqual(['info', { device: 'webgpu' }, 'scoring on webgpu'])
    expect(warning).toEqual([
      'warn',
      expect.objectContaining({ device: 'webgpu', reason: expect.stringContaining('it was lost while it was used') }),
      'webgpu was lost; scoring on cpu, no window is lost',
    ])
    await daemon.stop()
  })
})
