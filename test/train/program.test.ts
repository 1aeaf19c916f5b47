import { describe, expect, it } from 'vitest'
import { createOnnxSession } from '../../src/model/engines/onnx.ts'
import { sizeOf } from '../../src/model/frontends/frontend.ts'
import { seeded } from '../../src/random.ts'
import { optimizerSchema } from '../../src/train/optimizer-config.ts'
import { createTrainingProgram, type TrainingProgram } from '../../src/train/program.ts'
import { SMALL } from '../helpers/architectures.ts'
import { relativeDifference } from '../helpers/traced.ts'

const [, DROPOUT] = SMALL
const size = 12

const create = (seed = 3, batchSize = 8): Promise<TrainingProgram> =>
  createTrainingProgram({
    architecture: DROPOUT.config,
    featureShape: DROPOUT.featureShape,
    loss: 'mse',
    optimizer: optimizerSchema.parse({ type: 'adam' }),
    batchSize,
    seed,
    engine: { device: 'cpu', threads: 1 },
  })

const data = (n: number, seed = 1) => {
  const random = seeded(seed)
  return Float32Array.from({ length: n * size }, () => random.normal())
}

describe('createTrainingProgram', () => {
  it('learns', async () => {
    const program = await create()
    const items = data(8)
    const before = await program.evaluate(items, 8)
    for (let i = 0; i < 200; i++) await program.step(items, 8, 0.01)
    expect(await program.evaluate(items, 8)).toBeLessThan(before * 0.8)
    await program.release()
  })

  it('gives the same weights from the same seed, and others from another', async () => {
    const run = async (seed: number) => {
      const program = await create(seed)
      for (let i = 0; i < 5; i++) await program.step(data(8, i), 8, 0.01)
      const { weights } = await program.snapshot()
      await program.release()
      return [...weights.data]
    }
    const first = await run(3)
    expect(await run(3)).toEqual(first)
    expect(await run(4)).not.toEqual(first)
  })

  it('goes on from a snapshot as if it had not stopped', async () => {
    const whole = await create()
    for (let i = 0; i < 6; i++) await whole.step(data(8, i), 8, 0.01)
    const half = await create()
    for (let i = 0; i < 3; i++) await half.step(data(8, i), 8, 0.01)
    const resumed = await create(3)
    resumed.restore(await half.snapshot())
    for (let i = 3; i < 6; i++) await resumed.step(data(8, i), 8, 0.01)
    expect(await resumed.snapshot()).toEqual(await whole.snapshot())
    await Promise.all([whole, half, resumed].map(program => program.release()))
  })

  it.each(SMALL)(
    'takes several steps in one run as it takes them one by one: $name',
    async ({ config, featureShape }) => {
      const open = (stepsPerRun?: number) =>
        createTrainingProgram({
          architecture: config,
          featureShape,
          loss: 'mse',
          optimizer: optimizerSchema.parse({ type: 'adam' }),
          batchSize: 4,
          seed: 2,
          engine: { device: 'cpu', threads: 1 },
          stepsPerRun,
        })
      const [single, several] = [await open(), await open(3)]
      expect(single.several).toBeUndefined()
      if (single.phases[0].updates.some(({ every = 1 }) => every > 1)) {
        expect(several.several).toBeUndefined()
        await Promise.all([single.release(), several.release()])
        return
      }
      const random = seeded(4)
      const batch = 4 * sizeOf(featureShape)
      const items = Float32Array.from({ length: 5 * batch }, () => random.uniform())
      const expected: number[] = []
      for (let i = 0; i < 5; i++) expected.push(await single.step(items.slice(i * batch, (i + 1) * batch), 4, 0.01))
      // As the end of an epoch has it: a full run, and one of what is left; then a step alone.
      const losses = [...(await several.several!.run(items.subarray(0, 3 * batch), 0.01))]
      losses.push(...(await several.several!.run(items.subarray(3 * batch, 4 * batch), 0.01)))
      losses.push(await several.step(items.slice(4 * batch), 4, 0.01))
      expect(relativeDifference(losses, expected)).toBeLessThanOrEqual(1e-6)
      const [actual, state] = [await several.snapshot(), await single.snapshot()]
      expect(actual.step).toEqual(state.step)
      for (const name of Object.keys(state)) {
        expect(relativeDifference(actual[name].data, state[name].data)).toBeLessThanOrEqual(1e-5)
      }
      await Promise.all([single.release(), several.release()])
    },
  )

  it('takes a smaller last batch', async () => {
    const program = await create()
    expect(await program.step(data(3), 3, 0.01)).toBeGreaterThan(0)
    expect(await program.step(data(8), 8, 0.01)).toBeGreaterThan(0)
    await program.release()
  })

  it('exports a scoring graph with the current weights, for any number of items', async () => {
    const program = await create()
    const items = data(8)
    for (let i = 0; i < 20; i++) await program.step(items, 8, 0.01)
    const session = await createOnnxSession(await program.exportModel(), { device: 'cpu', threads: 1 })
    const { score, latent, reconstruction } = await session.run({ features: { data: items, shape: [8, 3, 4] } })
    expect(score.shape).toEqual([8])
    expect(latent.shape).toEqual([8, 2])
    expect(reconstruction.shape).toEqual([8, 3, 4])
    const mean = score.data.reduce((a, b) => a + b) / 8
    expect(mean).toBeCloseTo(await program.evaluate(items, 8), 5)
    const squared = reconstruction.data.slice(0, 12).map((v, i) => (v - items[i]) ** 2)
    expect(score.data[0]).toBeCloseTo(squared.reduce((a, b) => a + b) / 12, 5)
    const one = await session.run({ features: { data: items.subarray(0, 12), shape: [1, 3, 4] } })
    expect(one.score.data[0]).toBeCloseTo(score.data[0], 6)
    await session.release()
    await program.release()
  })
})
