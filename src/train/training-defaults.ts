import type { ArchitectureConfig } from '../model/architectures/config.ts'
import type { TrainConfig } from './config.ts'

/** How a network is trained where the configuration does not say. */
interface TrainingDefaults {
  readonly learning_rate: number
  readonly batch_size: number
  /** Of adam. */
  readonly beta1: number
  readonly beta2: number
}

const USUAL: TrainingDefaults = { learning_rate: 0.001, batch_size: 128, beta1: 0.9, beta2: 0.999 }

/** Those of the sources that the architectures name, where they differ. */
const OF_SOURCES: Partial<Record<ArchitectureConfig['type'], Partial<TrainingDefaults>>> = {
  'deep-svdd': { learning_rate: 1e-4, batch_size: 200 },
  'f-anogan': { learning_rate: 1e-4, batch_size: 64, beta1: 0, beta2: 0.9 },
  alad: { learning_rate: 2e-4, batch_size: 32, beta1: 0.5 },
}

/** A configuration whose training says everything. */
export type ResolvedTrainConfig = TrainConfig & {
  training: TrainConfig['training'] & Pick<TrainingDefaults, 'learning_rate' | 'batch_size'>
}

/** Fills in what the source of the architecture used. */
export function withTrainingDefaults(config: TrainConfig): ResolvedTrainConfig {
  const { learning_rate, batch_size, beta1, beta2 } = { ...USUAL, ...OF_SOURCES[config.architecture.type] }
  const { training } = config
  const { optimizer } = training
  return {
    ...config,
    training: {
      ...training,
      learning_rate: training.learning_rate ?? learning_rate,
      batch_size: training.batch_size ?? batch_size,
      optimizer:
        optimizer.type === 'adam'
          ? { ...optimizer, beta1: optimizer.beta1 ?? beta1, beta2: optimizer.beta2 ?? beta2 }
          : optimizer,
    },
  }
}
