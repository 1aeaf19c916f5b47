import { afterAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/logger.ts'
import { architectureSchema } from '../../../src/model/architectures/config.ts'
import { readBundle } from '../../../src/model/bundle.ts'
import { ResidualExplainer } from '../../../src/model/explanation/explainer.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { NormalizerFit } from '../../../src/model/normalizer.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { seeded } from '../../../src/random.ts'
import { ScorerPool } from '../../../src/stream/scorer-pool.ts'
import { moduleUrl } from '../../../src/worker-url.ts'
import { writeFrameBundle } from '../../helpers/frame-bundle.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { tinyParts, writeTinyBundle } from '../../helpers/tiny-bundle.ts'

const { folder } = temporaryFolder()
const RATE = 16_000
const random = seeded(11)
const pools: ScorerPool[] = []

afterAll(async () => {
  for (const pool of pools) await pool.stop(Date.now() + 2000)
})

/** Noise, and a tone in a part of it. */
function sound({ hz = 0, from = 0, to = 0, gain = 0 } = {}): Float32Array {
  return Float32Array.from({ length: RATE }, (_, i) => {
    const t = i / RATE
    return 0.01 * random.normal() + (t >= from && t < to ? gain * Math.sin(2 * Math.PI * hz * t) : 0)
  })
}

/** A bundle with an untrained network, whose normalisation knows noise. */
async function writeSoundBundle(stack: number | null): Promise<string> {
  const front_end = { type: 'log-mel', sample_rate: RATE, n_mels: 64, n_fft: 1024, hop_length: 512, stack } as const
  const config = frontEndSchema.parse(front_end)
  const frontEnd = createFrontEnd(config)
  const size = sizeOf(frontEnd.featureShape)
  const fit = new NormalizerFit('standard', 64)
  const features = new Float32Array(frontEnd.items * size)
  for (let i = 0; i < 8; i++) {
    frontEnd.transform(sound(), features)
    fit.add(features)
  }
  const { offset, scale } = fit.finish()
  const architecture = architectureSchema.parse({ type: 'dense-ae', hidden: [8], latent: 2 })
  const parts = tinyParts()
  const manifest = {
    ...parts.manifest,
    front_end: { ...config },
    normalization: { offset: [...offset], scale: [...scale] },
    window: { shape: [RATE], sample_rate: RATE },
    items: frontEnd.items,
    feature_shape: [...frontEnd.featureShape],
  }
  const windows = Float32Array.from([...sound(), ...sound()])
  const model = scoringGraph(buildModel(architecture, { featureShape: frontEnd.featureShape, seed: 1, loss: 'mse' }))
  return writeTinyBundle(`${folder}/${stack}`, { manifest, model, golden: { windows, scores: new Float32Array(2) } })
}

/** What the scorer threads and the explainer make of windows of a bundle. */
async function explainerOf(bundle: string) {
  const loader = moduleUrl('../../../src/model/bundle-scorer', import.meta.url).href
  const engine = { device: 'cpu', threads: 1 } as const
  const pool = new ScorerPool({ loader, bundle, engine, workers: 1, batch: 2, logger: silentLogger })
  pools.push(pool)
  await pool.start(new AbortController().signal)
  const explainer = new ResidualExplainer((await readBundle(bundle)).manifest)
  return async (window: Float32Array) => explainer.explain(await pool.explain(window))
}

describe('explanations through scorer threads', () => {
  it.each([null, 5])('name the band and the time of a tone, with frames stacked by %s', async stack => {
    const explain = await explainerOf(await writeSoundBundle(stack))
    const { contributors, summary, features } = await explain(sound({ hz: 3000, from: 0.5, to: 0.75, gain: 0.3 }))
    const find = (axis: string) => contributors.find(contributor => contributor.axis === axis)!
    const [, low, high] = /^([\d.]+)–([\d.]+) kHz$/.exec(find('frequency').label)!.map(Number)
    expect(low).toBeLessThan(3)
    expect(high).toBeGreaterThan(3)
    expect(high - low).toBeLessThan(1.2)
    const [, begin, end] = /^([\d.]+)–([\d.]+) s$/.exec(find('time').label)!.map(Number)
    // Frames reach 0.032 s to both sides of their middle.
    expect(Math.abs(begin - 0.5)).toBeLessThan(0.08)
    expect(Math.abs(end - 0.75)).toBeLessThan(0.08)
    expect(contributors[0].share).toBeGreaterThan(0.5)
    expect(summary).toMatch(
      /^\d\d % of the residual at [\d.]+–[\d.]+ kHz within 0\.[\d]+–0\.[\d]+ s, \d\d dB above what is expected$/,
    )
    expect(features).toHaveLength(64 * 32)
    const steady = await explain(sound({ hz: 1000, from: 0, to: 1, gain: 0.3 }))
    expect(steady.contributors[0]).toMatchObject({ axis: 'frequency' })
    expect(steady.contributors.map(({ axis }) => axis)).not.toContain('time')
  })

  it('name the region of hot pixels', async () => {
    const explain = await explainerOf(await writeFrameBundle(folder, 24))
    const frame = new Float32Array(24 * 24)
    for (let row = 5; row <= 8; row++) for (let column = 14; column <= 15; column++) frame[row * 24 + column] = 1
    const { contributors } = await explain(frame)
    expect(contributors[0]).toMatchObject({ axis: 'region', label: 'rows 5–8, columns 14–15' })
    expect(contributors[0].share).toBeGreaterThan(0.9)
    expect(contributors[0].difference).toBeCloseTo(1, 0)
  })
})
