import { join } from 'node:path'
import { checkConfig } from '../../src/config.ts'
import { trainConfigSchema } from '../../src/train/config.ts'
import { runTraining } from '../../src/train/train.ts'

/** Trains a small dense-ae on the hums in `<folder>/normal` and writes `<folder>/<name>`. @returns the bundle's folder */
export async function trainOnHums(
  folder: string,
  name: string,
  score: unknown,
  { epochs, ...others }: { epochs: number; map?: object },
) {
  const raw = {
    output: join(folder, name),
    input: { paths: [join(folder, 'normal')] },
    front_end: {
      type: 'log-mel',
      sample_rate: 1000,
      window_samples: 400,
      n_fft: 128,
      hop_length: 64,
      n_mels: 16,
      stack: 2,
    },
    architecture: { type: 'dense-ae', hidden: [32], latent: 4, batch_norm: false },
    training: { epochs, batch_size: 16, learning_rate: 0.01 },
    score,
    ...others,
  }
  return (await runTraining(checkConfig(raw, trainConfigSchema, name), { checkpoint: false })).bundleFolder
}
