import { type ArchitectureConfig, architectureSchema } from '../../src/model/architectures/config.ts'
import type { EngineOptions } from '../../src/model/engine.ts'
import { sizeOf } from '../../src/model/frontends/frontend.ts'
import { LOSSES, type Loss } from '../../src/model/loss-names.ts'
import { seeded } from '../../src/random.ts'
import { optimizerSchema } from '../../src/train/optimizer-config.ts'
import { createTrainingProgram } from '../../src/train/program.ts'
import { SMALL } from '../helpers/architectures.ts'

export const BATCH = 6
export const RATE = 0.01
const SEED = 5

export interface TrainingCase {
  name: string
  architecture: ArchitectureConfig
  featureShape: readonly number[]
  loss: Loss
  optimizer: object
}

const small = (name: string, index: number, loss: Loss, optimizer: object): TrainingCase => {
  const { config, featureShape } = SMALL[index]
  return { name, architecture: config, featureShape, loss, optimizer }
}

/** Every architecture with both optimisers, and every loss. Adam's epsilon is raised so that the rounding of a zero gradient is not blown up to a step. */
export const CASES: readonly TrainingCase[] = [
  ...SMALL.flatMap(({ name }, i) => [
    small(`${name}, sgd`, i, 'mse', { type: 'sgd', momentum: 0.9 }),
    small(`${name}, adam`, i, 'mse', { type: 'adam', epsilon: 1e-3 }),
  ]),
  ...LOSSES.map(loss => small(`loss ${loss}`, 5, loss, { type: 'sgd', momentum: 0 })),
]

/** Three batches. */
export function batches(featureShape: readonly number[]): Float32Array[] {
  const random = seeded(9)
  const size = BATCH * sizeOf(featureShape)
  return [0, 1, 2].map(() => Float32Array.from({ length: size }, () => random.uniform()))
}

/** A case in training on an engine. */
export const programOf = ({ architecture, featureShape, loss, optimizer }: TrainingCase, engine: EngineOptions) =>
  createTrainingProgram({
    architecture: architectureSchema.parse(architecture),
    featureShape,
    loss,
    optimizer: optimizerSchema.parse(optimizer),
    batchSize: BATCH,
    seed: SEED,
    engine,
  })
