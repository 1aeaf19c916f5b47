import { describe, expect, it } from 'vitest'
import { readBundle } from '../../../src/model/bundle.ts'
import { BundleScorer } from '../../../src/model/bundle-scorer.ts'
import type { Session, Tensors } from '../../../src/model/engine.ts'
import { FallbackSession, withFallback } from '../../../src/model/engines/fallback.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { seeded } from '../../../src/random.ts'
import { SMALL } from '../../helpers/architectures.ts'
import { swiftshader } from '../../helpers/requires.ts'
import { errorOf, temporaryFolder } from '../../helpers/temporary.ts'
import { tinyWindows, writeTinyBundle } from '../../helpers/tiny-bundle.ts'
import { relativeDifference } from '../../helpers/traced.ts'

const { folder } = temporaryFolder()
const [{ config, featureShape }] = SMALL
const model = scoringGraph(buildModel(config, { featureShape, seed: 1, loss: 'mse' }))
const openCpu = () => createOnnxSession(model, { device: 'cpu', threads: 1 })

function features(n: number, width = featureShape[0]): Tensors {
  const random = seeded(n)
  const data = Float32Array.from({ length: n * width }, () => random.uniform())
  return { features: { data, shape: [n, width] } }
}

/** A device whose driver gives up after some runs; what it computes until then, the CPU does. */
class Failing implements Session {
  readonly device = 'webgpu'
  readonly passedOver = [{ device: 'cuda', reason: 'its library is not installed' }] as const
  released = 0
  #left: number
  readonly #cpu: Session

  constructor(cpu: Session, runs: number) {
    this.#cpu = cpu
    this.#left = runs
  }

  async run(feeds: Tensors, into?: Tensors | readonly string[]): Promise<Tensors> {
    if (this.#left-- <= 0) throw new Error('Device is lost.\nBacktrace: …')
    return this.#cpu.run(feeds, into)
  }

  async release(): Promise<void> {
    this.released++
    throw new Error('Device is lost.')
  }
}

describe('FallbackSession', () => {
  it('computes on the CPU what the device could not, and all that follows', async () => {
    const failing = new Failing(await openCpu(), 1)
    let opened = 0
    const session = new FallbackSession(failing, () => {
      opened++
      return openCpu()
    })
    const expected = await (await openCpu()).run(features(3))
    expect((await session.run(features(3))).score.data).toEqual(expected.score.data)
    expect([session.device, opened]).toEqual(['webgpu', 0])
    for (let i = 0; i < 3; i++) {
      expect((await session.run(features(3), ['score'])).score.data).toEqual(expected.score.data)
      expect([session.device, opened, failing.released]).toEqual(['cpu', 1, 1])
    }
    expect(session.passedOver).toEqual([
      { device: 'cuda', reason: 'its library is not installed' },
      {
        device: 'webgpu',
        reason: 'it was lost while it was used: Device is lost.',
        remedy: expect.stringContaining('driver'),
      },
    ])
    await session.release()
  })

  it('falls back once when several runs fail at once', async () => {
    const session = new FallbackSession(new Failing(await openCpu(), 0), openCpu)
    const results = await Promise.all([1, 2, 3].map(n => session.run(features(n))))
    expect(results.map(({ score }) => score.data.length)).toEqual([1, 2, 3])
    expect(session.passedOver).toHaveLength(2)
  })

  it('keeps the device when the CPU refuses the input as well', async () => {
    const session = new FallbackSession(new Failing(await openCpu(), 0), openCpu)
    expect(await errorOf(() => session.run(features(3, featureShape[0] + 1)))).toMatchObject({
      message: expect.stringContaining('Device is lost'),
    })
    expect(session.device).toBe('webgpu')
  })

  it('leaves sessions of the CPU alone', async () => {
    const cpu = await openCpu()
    expect(withFallback(cpu, openCpu)).toBe(cpu)
  })
})

const driver = swiftshader()

describe.skipIf(!driver)('WebGPU on SwiftShader, whose session is destroyed under it', () => {
  // Read by the Vulkan loader when the first session is created.
  process.env.VK_ICD_FILENAMES = driver
  process.env.XDG_RUNTIME_DIR = '/tmp'

  it('scores on', async () => {
    const bundle = await readBundle(await writeTinyBundle(folder))
    const open = (device: 'cpu' | 'webgpu') => createOnnxSession(bundle.model, { device, threads: 1 })
    const gpu = await open('webgpu')
    const frontEnd = createFrontEnd(frontEndSchema.parse(bundle.manifest.front_end), bundle.manifest.normalization)
    const scorer = new BundleScorer(
      bundle,
      frontEnd,
      withFallback(gpu, () => open('cpu')),
    )
    const before = await scorer.score(tinyWindows(5), 5)
    expect(scorer.device).toBe('webgpu')
    await gpu.release()
    const after = await scorer.score(tinyWindows(5), 5)
    expect(scorer.device).toBe('cpu')
    expect(scorer.passedOver.at(-1)).toMatchObject({ device: 'webgpu', reason: expect.stringContaining('it was lost') })
    expect(relativeDifference(after.scores, before.scores)).toBeLessThanOrEqual(1e-4)
    expect(relativeDifference(after.latents, before.latents)).toBeLessThanOrEqual(1e-3)
    await scorer.close()
  })
})
