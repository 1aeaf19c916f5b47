import { describe, expect, it } from 'vitest'
import { buildModel } from '../../src/model/families/build.ts'
import { LOSSES, type Loss } from '../../src/model/loss-names.ts'
import { tf } from '../../src/model/tf.ts'
import { pack } from '../../src/model/trace/trace.ts'
import { seeded } from '../../src/random.ts'
import { assignPieces } from '../../src/train/assign-pieces.ts'
import { optimizerSchema } from '../../src/train/optimizer-config.ts'
import { createOptimizer } from '../../src/train/optimizers.ts'
import { createTrainingProgram } from '../../src/train/program.ts'
import { updatesAt } from '../../src/train/step-graphs.ts'
import { averageName, randomName, slotName, trainingStep } from '../../src/train/training-graph.ts'
import { SMALL } from '../helpers/architectures.ts'
import { relativeDifference } from '../helpers/traced.ts'

const BATCH = 6
const RATE = 0.01
const SEED = 5

/** Three steps of the same program, run eagerly on the CPU backend. Returns losses and the final state as the trained program has it. */
function eagerSteps(
  config: (typeof SMALL)[number],
  loss: Loss,
  optimizerConfig: object,
  { batches, phase }: { batches: Float32Array[]; phase: number },
) {
  const network = buildModel(config.config, { featureShape: config.featureShape, seed: SEED, loss })
  const optimizer = createOptimizer(optimizerSchema.parse(optimizerConfig))
  const { updates } = network.phases[phase]
  const parts = [...new Set(updates.map(({ part }) => part))]
  const sizeOf = (part: string) => network.parts[part].reduce((sum, variable) => sum + variable.size, 0)
  let state: Record<string, tf.Tensor> = Object.fromEntries(
    parts.flatMap(part => optimizer.slots.map(slot => [slotName(part, slot), tf.zeros([sizeOf(part)])])),
  )
  if (network.average !== undefined) for (const part of parts) state[averageName(part)] = pack(network.parts[part])
  const losses = batches.map((batch, i) => {
    const step = i + 1
    const randoms = network.randoms.map((input, k) => {
      const random = phase === 0 ? seeded(SEED, step, k) : seeded(SEED, step, k, phase)
      const shape = [BATCH, ...input.itemShape]
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => input.draw(random))
      return [randomName(k), tf.tensor(data, shape)]
    })
    const items = tf.tensor(batch, [BATCH, ...config.featureShape])
    const inputs = { items, rate: tf.scalar(RATE), step: tf.scalar(step), ...state, ...Object.fromEntries(randoms) }
    const result = trainingStep(network, updatesAt(network.phases[phase], step), optimizer, inputs)
    for (const part of parts) if (result.state[part]) assignPieces(result.state[part], network.parts[part])
    state = { ...state, ...result.state }
    return result.loss.dataSync()[0]
  })
  const vectors = (variables: readonly tf.Variable[]) => variables.flatMap(variable => [...variable.dataSync()])
  const values = Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, [...tensor.dataSync()]]))
  return { losses, statistics: vectors(network.statistics), values }
}

async function expectSameSteps(
  config: (typeof SMALL)[number],
  loss: Loss,
  optimizer: object,
  phase = 0,
): Promise<void> {
  const random = seeded(9)
  const size = BATCH * config.featureShape.reduce((a, b) => a * b)
  const batches = [0, 1, 2].map(() => Float32Array.from({ length: size }, () => random.uniform()))
  const expected = eagerSteps(config, loss, optimizer, { batches, phase })
  const program = await createTrainingProgram({
    architecture: config.config,
    featureShape: config.featureShape,
    loss,
    optimizer: optimizerSchema.parse(optimizer),
    batchSize: BATCH,
    seed: SEED,
    engine: { device: 'cpu', threads: 1 },
  })
  if (phase > 0) await program.enter(phase)
  const losses: number[] = []
  for (const batch of batches) losses.push(await program.step(batch, BATCH, RATE))
  const state = await program.snapshot()
  await program.release()
  expect(relativeDifference(losses, expected.losses)).toBeLessThanOrEqual(1e-4)
  if (expected.statistics.length) {
    expect(relativeDifference(state.statistics.data, expected.statistics)).toBeLessThanOrEqual(1e-4)
  }
  for (const [name, values] of Object.entries(expected.values)) {
    expect(relativeDifference(state[name].data, values)).toBeLessThanOrEqual(1e-4)
  }
}

function laterPhases({ config, featureShape }: (typeof SMALL)[number]): string[] {
  const model = buildModel(config, { featureShape, seed: 0, loss: 'mse' })
  model.dispose()
  return model.phases.slice(1).map(({ name }) => name)
}

describe('three training steps agree with the CPU backend of TensorFlow.js', () => {
  for (const config of SMALL) {
    // SGD's state is the gradient itself, so that this compares the gradients of every weight.
    it(`${config.name}, sgd`, () => expectSameSteps(config, 'mse', { type: 'sgd', momentum: 0.9 }))
    // Adam divides by the gradient's magnitude; its epsilon is raised so that a zero gradient's rounding is not blown up to a step.
    it(`${config.name}, adam`, () => expectSameSteps(config, 'mse', { type: 'adam', epsilon: 1e-3 }))
    laterPhases(config).forEach((name, i) => {
      const adam = { type: 'adam', epsilon: 1e-3 }
      it(`${config.name}, phase ${name}`, () => expectSameSteps(config, 'mse', adam, i + 1))
    })
  }
  for (const loss of LOSSES) {
    const sigmoid = { ...SMALL[5], name: loss }
    it(`loss ${loss}`, () => expectSameSteps(sigmoid, loss, { type: 'sgd', momentum: 0 }))
  }
})
