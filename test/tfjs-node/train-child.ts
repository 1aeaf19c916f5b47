import type { Bundle } from '../../src/model/bundle.ts'
import type { Device } from '../../src/model/engine.ts'
import { openSession } from '../../src/model/open-session.ts'
import { tf } from '../../src/model/tf.ts'
import { BATCH, batches, CASES, programOf, RATE, type TrainingCase } from './cases.ts'

export interface Trained {
  device: string
  losses: number[]
  evaluated: number
  state: Record<string, number[]>
  /** The exported model, base64. */
  model: string
  scores: Record<string, number[]>
  /** Tensors that the second and third step left behind. */
  leaked: number
}

/** `train-child.ts <device>`: three training steps of every case on the engine tfjs, in a process of its own; prints Trained[]. */
const engine = { engine: 'tfjs', device: process.argv[2] as Device, threads: 1 } as const

async function train(training: TrainingCase): Promise<Trained> {
  const { architecture, featureShape, loss } = training
  const program = await programOf(training, engine)
  const data = batches(featureShape)
  const losses: number[] = []
  const tensors: number[] = []
  for (const batch of data) {
    losses.push(await program.step(batch, BATCH, RATE))
    tensors.push(tf.memory().numTensors)
  }
  const evaluated = await program.evaluate(data[0], BATCH)
  const state = Object.entries(await program.snapshot()).map(([name, { data }]) => [name, [...data]])
  const model = await program.exportModel()
  await program.release()
  const manifest = { architecture, feature_shape: featureShape, score: loss }
  const session = await openSession({ folder: 'here', manifest, model } as unknown as Bundle, engine)
  const outputs = await session.run({ features: { data: data[0], shape: [BATCH, ...featureShape] } })
  await session.release()
  const scores = Object.entries(outputs).map(([name, { data }]) => [name, [...data]])
  return {
    device: program.device,
    losses,
    evaluated,
    state: Object.fromEntries(state),
    model: Buffer.from(model).toString('base64'),
    scores: Object.fromEntries(scores),
    leaked: tensors[2] - tensors[0],
  }
}

const trained: Trained[] = []
for (const each of CASES) trained.push(await train(each))
process.stdout.write(JSON.stringify(trained))
