import { checkConfig } from '../../src/config.ts'
import { type ArchitectureConfig, architectureSchema } from '../../src/model/architectures/config.ts'
import type { Device, EngineName } from '../../src/model/engine.ts'
import { optimizerSchema } from '../../src/train/optimizer-config.ts'
import { createTrainingProgram, type TrainingProgram } from '../../src/train/program.ts'

export interface Benched {
  config: ArchitectureConfig
  featureShape: readonly number[]
  /** Items of a training step, and the largest batch that is scored. */
  batch: number
}

/** The default architectures at their usual sizes. peers/networks.py has the same in PyTorch. */
export const ARCHITECTURES: Record<string, Benched> = {
  'dense-ae': { config: architectureSchema.parse({ type: 'dense-ae' }), featureShape: [640], batch: 512 },
  'conv1d-ae': { config: architectureSchema.parse({ type: 'conv1d-ae' }), featureShape: [4800, 1], batch: 16 },
  'conv2d-ae': {
    config: architectureSchema.parse({ type: 'conv2d-ae', preset: 'L', output_activation: 'sigmoid' }),
    featureShape: [100, 100, 1],
    batch: 64,
  },
}

export function benchProgram(
  name: string,
  threads: number,
  device: Device = 'cpu',
  engine: EngineName = 'onnx',
): Promise<TrainingProgram> {
  const { config, featureShape, batch } = ARCHITECTURES[name]
  return createTrainingProgram({
    architecture: config,
    featureShape,
    loss: 'mse',
    optimizer: checkConfig({ type: 'adam' }, optimizerSchema, 'bench'),
    batchSize: batch,
    seed: 0,
    engine: { engine, device, threads },
  })
}
