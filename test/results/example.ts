import { join } from 'node:path'
import { loadConfig } from '../../src/config.ts'
import { trainConfigSchema } from '../../src/train/config.ts'
import { type EvaluateOptions, type Evaluation, evaluateBundle } from '../../src/train/evaluate.ts'
import { runTraining } from '../../src/train/train.ts'
import { PROJECT } from '../helpers/requires.ts'

const engine = { device: 'cpu', threads: 1 } as const

/**
 * Trains by docs/examples/<name>.yaml on what prepare.ts laid out in `out`, with other epochs.
 * @param paths default: the folder of training files that has the example's name
 * @returns the bundle's folder
 */
export async function trainExample(
  name: string,
  out: string,
  epochs: number,
  paths: readonly string[] = [join(out, name, 'train')],
): Promise<string> {
  const config = loadConfig(join(PROJECT, `docs/examples/${name}.yaml`), trainConfigSchema, {
    AUSCULT_OUTPUT: join(out, 'models', name),
    AUSCULT_INPUT_PATHS: JSON.stringify(paths),
    AUSCULT_TRAINING_EPOCHS: String(epochs),
    AUSCULT_ENGINE_THREADS: String(engine.threads),
  })
  return (await runTraining(config, { checkpoint: false })).bundleFolder
}

/** Evaluates a bundle on a label file of prepare.ts. */
export const evaluateExample = (
  bundle: string,
  labels: string,
  options: Partial<EvaluateOptions> = {},
): Promise<Evaluation> => evaluateBundle({ bundle, labels, engine, ...options })
