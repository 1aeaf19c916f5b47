import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { architectureSchema } from '../../../src/model/architectures/config.ts'
import type { Device, Session } from '../../../src/model/engine.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { LOSSES, type Loss } from '../../../src/model/loss-names.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { seeded } from '../../../src/random.ts'
import { optimizerSchema } from '../../../src/train/optimizer-config.ts'
import { createTrainingProgram, type State } from '../../../src/train/program.ts'
import { SMALL, UNTRAINED } from '../../helpers/architectures.ts'
import { testedDevices } from '../../helpers/devices.ts'
import { SUPERVISED } from '../../helpers/supervised.ts'
import { relativeDifference } from '../../helpers/traced.ts'

/*
 * One test for every device there is: AUSCULT_TEST_DEVICES=cuda,webgpu names those that must be there; otherwise the machine decides, and
 * SwiftShader stands in for a graphics card.
 */
const DEVICES = await testedDevices()
const [BATCH, STEPS, RATE, SEED] = [6, 3, 0.01, 5]
const TOLERANCE = 1e-4

const noise = (shape: readonly number[], seed: number) => {
  const random = seeded(seed)
  return Float32Array.from({ length: sizeOf(shape) }, () => random.uniform())
}

/** Largest difference relative to its own value: for scores, each of which is compared with a threshold. */
const worst = (actual: Float32Array, expected: Float32Array): number =>
  Math.max(...Array.from(expected, (value, i) => Math.abs(actual[i] - value) / Math.abs(value)))

type Small = (typeof SMALL)[number] & { classWeights?: readonly number[] }

interface Training {
  architecture: Small
  loss?: Loss
  optimizer: object
  stepsPerRun?: number
}

/** Three steps, with losses, the whole state, the loss of inference, and the scores of the exported model on the CPU. */
async function train({ architecture, loss = 'mse', optimizer, stepsPerRun }: Training, device: Device) {
  const { config, featureShape, ...context }: Small = architecture
  const given = context.classWeights && { labels: Float32Array.of(0, 2, 1, 1, 0, 2) }
  const program = await createTrainingProgram({
    ...context,
    architecture: config,
    featureShape,
    loss,
    optimizer: optimizerSchema.parse(optimizer),
    batchSize: BATCH,
    seed: SEED,
    engine: { device, threads: 1 },
    stepsPerRun,
  })
  expect(program.device).toBe(device)
  const size = BATCH * sizeOf(featureShape)
  const items = noise([STEPS, BATCH, ...featureShape], 9)
  const losses: number[] = []
  if (program.several) losses.push(...(await program.several.run(items, RATE)))
  else {
    for (let i = 0; i < STEPS; i++)
      losses.push(await program.step(items.slice(i * size, (i + 1) * size), BATCH, RATE, given))
  }
  const state = await program.snapshot()
  const evaluated = await program.evaluate(items.subarray(0, size), BATCH, given)
  const model = await program.exportModel()
  await program.release()
  return { losses, state, evaluated, model }
}

function expectSameState(actual: State, expected: State): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, { data, shape }] of Object.entries(expected)) {
    expect(actual[name].shape, name).toEqual(shape)
    expect(relativeDifference(actual[name].data, data), name).toBeLessThanOrEqual(TOLERANCE)
  }
}

async function expectSameTraining(training: Training, device: Device): Promise<void> {
  const expected = await train({ ...training, stepsPerRun: 1 }, 'cpu')
  const actual = await train(training, device)
  expect(relativeDifference(actual.losses, expected.losses)).toBeLessThanOrEqual(TOLERANCE)
  expect(relativeDifference([actual.evaluated], [expected.evaluated])).toBeLessThanOrEqual(TOLERANCE)
  expectSameState(actual.state, expected.state)
}

const sgd = { type: 'sgd', momentum: 0.9 }
/** Adam divides by the gradient's magnitude; its epsilon is raised so that a zero gradient's rounding is not blown up to a step. */
const adam = { type: 'adam', epsilon: 1e-3 }

async function expectSameScores(architecture: (typeof SMALL)[number], loss: Loss, device: Device): Promise<void> {
  const { config, featureShape, ...context }: Small = architecture
  const onnx = scoringGraph(buildModel(config, { ...context, featureShape, seed: 1, loss }))
  const [cpu, other] = [await open(onnx, 'cpu'), await open(onnx, device)]
  for (const n of [1, 33]) {
    const features = { features: { data: noise([n, ...featureShape], n), shape: [n, ...featureShape] } }
    const [expected, actual] = [await cpu.run(features), await other.run(features)]
    expect(worst(actual.score.data, expected.score.data)).toBeLessThanOrEqual(TOLERANCE)
    for (const output of ['latent', 'reconstruction']) {
      expect(relativeDifference(actual[output].data, expected[output].data)).toBeLessThanOrEqual(TOLERANCE)
    }
  }
  await Promise.all([cpu.release(), other.release()])
}

const open = (onnx: Uint8Array, device: Device): Promise<Session> => createOnnxSession(onnx, { device, threads: 1 })

const [DENSE, DROPOUT] = SMALL
/** Its output lies in [0, 1], as bce wants it; small, for software computes it here. */
const SIGMOID: (typeof SMALL)[number] = {
  name: 'conv2d-ae, one convolution, sigmoid',
  config: architectureSchema.parse({
    type: 'conv2d-ae',
    convolutions: [{ filters: 2, kernel: 3, stride: 2, padding: 1 }],
    latent: 2,
    output_activation: 'sigmoid',
  }),
  featureShape: [6, 5, 1],
}

if (DEVICES.length === 0) it.skip('no device is to be had here besides the CPU', () => {})

for (const { device, label } of DEVICES) {
  // Shaders are compiled when they are first used, which takes SwiftShader seconds.
  describe(label, { timeout: 300_000 }, () => {
    let first: Session
    // While one session is open, the others find its shaders compiled.
    beforeAll(async () => {
      first = await open(
        scoringGraph(buildModel(DENSE.config, { featureShape: DENSE.featureShape, seed: 1, loss: 'mse' })),
        device,
      )
      expect(first.device).toBe(device)
    })
    afterAll(() => first.release())

    it.each([...SMALL, ...UNTRAINED, ...SUPERVISED])('scores as the CPU does: $name', architecture =>
      expectSameScores(architecture, 'mse', device),
    )
    it.each(LOSSES)('scores as the CPU does: loss %s', loss => expectSameScores(SIGMOID, loss, device))
    it.each([...SMALL, ...SUPERVISED])('trains as the CPU does: $name, sgd', architecture =>
      expectSameTraining({ architecture, optimizer: sgd }, device),
    )
    it.each(SMALL)('trains as the CPU does: $name, adam', architecture =>
      expectSameTraining({ architecture, optimizer: adam }, device),
    )
    it.each(LOSSES)('trains as the CPU does: loss %s', loss =>
      expectSameTraining({ architecture: SIGMOID, loss, optimizer: { type: 'sgd', momentum: 0 } }, device),
    )
    it.each([DENSE, DROPOUT])('takes several steps in a run: $name', architecture =>
      expectSameTraining({ architecture, optimizer: adam, stepsPerRun: STEPS }, device),
    )

    it('goes on from a snapshot as if it had not stopped', async () => {
      const { featureShape } = DENSE
      const batches = [0, 1, 2, 3].map(i => noise([BATCH, ...featureShape], i))
      const [whole, half, resumed] = [await create(device), await create(device), await create(device)]
      for (const batch of batches) await whole.step(batch, BATCH, RATE)
      for (const batch of batches.slice(0, 2)) await half.step(batch, BATCH, RATE)
      resumed.restore(await half.snapshot())
      for (const batch of batches.slice(2)) await resumed.step(batch, BATCH, RATE)
      expectSameState(await resumed.snapshot(), await whole.snapshot())
      await Promise.all([whole, half, resumed].map(program => program.release()))
    })

    it('moves batches and losses, and not the state', async () => {
      const program = await create(device)
      const items = noise([BATCH, ...DENSE.featureShape], 1)
      await program.step(items, BATCH, RATE)
      const { toDevice, fromDevice } = { ...program.traffic! }
      for (let i = 0; i < 10; i++) await program.step(items, BATCH, RATE)
      // Learning rate and number of the step go along with each batch; a loss comes back.
      if (device === 'webgpu') {
        expect(program.traffic!.toDevice - toDevice).toBe(10 * (items.byteLength + 8))
        expect(program.traffic!.fromDevice - fromDevice).toBe(10 * 4)
      } else {
        const stateBytes = toDevice - items.byteLength - 8
        expect(program.several!.count).toBeGreaterThan(8)
        const before = { ...program.traffic! }
        const runs = new Float32Array(program.several!.count * items.length).fill(0.5)
        await program.several!.run(runs, RATE)
        const eachStep = program.several!.count * 4
        expect(program.traffic!.toDevice - before.toDevice).toBe(stateBytes + runs.byteLength + eachStep + 4)
      }
      await program.release()
    })
  })
}

const create = (device: Device) =>
  createTrainingProgram({
    architecture: DENSE.config,
    featureShape: DENSE.featureShape,
    loss: 'mse',
    optimizer: optimizerSchema.parse(adam),
    batchSize: BATCH,
    seed: SEED,
    engine: { device, threads: 1 },
  })
