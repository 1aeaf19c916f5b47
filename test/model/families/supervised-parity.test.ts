import { describe, expect, it } from 'vitest'
import type { Bundle } from '../../../src/model/bundle.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { createTfjsSession } from '../../../src/model/engines/tfjs.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { measureRanges } from '../../../src/model/onnx/ranges.ts'
import { toFloat16 } from '../../../src/model/onnx/to-float16.ts'
import { toInt8 } from '../../../src/model/onnx/to-int8.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { seeded } from '../../../src/random.ts'
import { optimizerSchema } from '../../../src/train/optimizer-config.ts'
import { createTrainingProgram, type Given } from '../../../src/train/program.ts'
import { expectScores, itemsFor, modelOf, operators, outputsOf, simplified } from '../../helpers/reduced.ts'
import { SUPERVISED } from '../../helpers/supervised.ts'
import { relativeDifference } from '../../helpers/traced.ts'

const [BATCH, STEPS, SEED] = [6, 3, 5]
const CPU = { device: 'cpu', threads: 1 } as const
const TFJS = { engine: 'tfjs', device: 'auto', threads: 1 } as const

type Supervised = (typeof SUPERVISED)[number]

/** Steps on random items, and the loss of inference. */
async function train({ config, ...context }: Supervised, optimizer: object, engine: typeof CPU | typeof TFJS) {
  const program = await createTrainingProgram({
    ...context,
    architecture: config,
    loss: 'mse',
    optimizer: optimizerSchema.parse(optimizer),
    batchSize: BATCH,
    seed: SEED,
    engine,
  })
  expect(program.several).toBeUndefined()
  const random = seeded(9)
  const given: Given = { labels: Float32Array.of(0, 2, 1, 1, 0, 2) }
  const batch = () => Float32Array.from({ length: BATCH * sizeOf(context.featureShape) }, () => random.normal())
  const losses: number[] = []
  for (let i = 0; i < STEPS; i++) losses.push(await program.step(batch(), BATCH, 0.01, given))
  losses.push(await program.evaluate(batch(), BATCH, given))
  const state = await program.snapshot()
  await program.release()
  return { losses, state }
}

describe.each(SUPERVISED)('$name', small => {
  it.each([
    { type: 'sgd', momentum: 0.9 },
    { type: 'adam', epsilon: 1e-3 },
  ])('trains in a graph as TensorFlow.js does: $type', async optimizer => {
    const [graph, eager] = [await train(small, optimizer, CPU), await train(small, optimizer, TFJS)]
    expect(relativeDifference(graph.losses, eager.losses)).toBeLessThanOrEqual(1e-4)
    expect(Object.keys(graph.state).sort()).toEqual(Object.keys(eager.state).sort())
    for (const [name, { data }] of Object.entries(eager.state)) {
      expect(relativeDifference(graph.state[name].data, data), name).toBeLessThanOrEqual(1e-4)
    }
  })

  it('scores on TensorFlow.js as in ONNX Runtime, one item as many', async () => {
    const { config: architecture, featureShape, classes } = small
    const model = scoringGraph(buildModel(architecture, { ...small, seed: 1, loss: 'mse' }))
    const manifest = { architecture, feature_shape: featureShape, score: 'mse', classes }
    const [tfjs, onnx] = [
      await createTfjsSession({ folder: 'models/pump', manifest, model } as unknown as Bundle, TFJS),
      await createOnnxSession(model, CPU),
    ]
    const features = itemsFor(small, 5)
    const [actual, expected] = [await tfjs.run({ features }), await onnx.run({ features })]
    expect(Object.keys(actual).sort()).toEqual(['latent', 'probabilities', 'reconstruction', 'score'])
    for (const [name, { data, shape }] of Object.entries(expected)) {
      expect(actual[name].shape).toEqual(shape)
      expect(relativeDifference(actual[name].data, data), name).toBeLessThanOrEqual(1e-5)
    }
    const one = { data: features.data.subarray(0, sizeOf(featureShape)), shape: [1, ...featureShape] }
    expect((await onnx.run({ features: one })).score.data[0]).toBeCloseTo(expected.score.data[0], 6)
    await Promise.all([tfjs.release(), onnx.release()])
  })

  it('scores in half precision and in 8 bits much as before', async () => {
    const original = modelOf(small)
    const model = await simplified(original)
    expect(operators(model).length).toBeLessThan(operators(original).length)
    const items = itemsFor(small)
    const expected = await outputsOf(model, items)
    expectScores(await outputsOf(original, items), expected, 1e-5)
    const half = { ...model, graph: toFloat16(model.graph, 'model') }
    expectScores(await outputsOf(half, items), expected, 1e-2)
    const int8 = toInt8(model, await measureRanges(original, [items], createOnnxSession))!
    expectScores(await outputsOf(int8, items), expected, 5e-2)
  })
})
