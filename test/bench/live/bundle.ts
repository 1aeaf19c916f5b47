import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkConfig } from '../../../src/config.ts'
import { encodeWav } from '../../../src/ingest/wav-encode.ts'
import { architectureSchema } from '../../../src/model/architectures/config.ts'
import { buildNetwork } from '../../../src/model/architectures/network.ts'
import { type BundleParts, readBundle, writeBundle } from '../../../src/model/bundle.ts'
import { createScorer } from '../../../src/model/bundle-scorer.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { seeded } from '../../../src/random.ts'
import { trainConfigSchema } from '../../../src/train/config.ts'
import { runTraining } from '../../../src/train/train.ts'

/** Samples per second of the model's default front end. */
export const RATE = 16_000

/** A machine that hums in noise: what the bundle learns, and what healthy feeds carry. */
export function hum(samples: number, seed = 1): Float32Array {
  const random = seeded(seed)
  return Float32Array.from({ length: samples }, (_, i) => 0.1 * Math.sin(0.05 * i) + 0.02 * random.normal())
}

/** A bundle of the default model (log-mel, five frames stacked, dense-ae) on windows of 1 s, trained on a few recordings of the hum. */
export async function trainOnHum(folder: string, epochs = 1): Promise<string> {
  const recordings = join(folder, 'recordings')
  mkdirSync(recordings)
  for (let i = 0; i < 8; i++) writeFileSync(join(recordings, `${i}.wav`), encodeWav(hum(30 * RATE, i), RATE))
  const raw = { output: join(folder, 'bundle'), input: { paths: [recordings] }, training: { epochs } }
  await runTraining(checkConfig(raw, trainConfigSchema, 'bench'), { checkpoint: false })
  return raw.output
}

/** The same bundle with the weights that training begins with. */
export async function untrained(folder: string): Promise<string> {
  const frontEnd = frontEndSchema.parse({ type: 'log-mel', stack: 5 })
  const { items, featureShape } = createFrontEnd(frontEnd)
  const architecture = architectureSchema.parse({ type: 'dense-ae' })
  const golden = { windows: hum(RATE), scores: new Float32Array(1) }
  const parts: BundleParts = {
    manifest: {
      ...{
        name: 'untrained',
        created: new Date(0).toISOString(),
        auscult: '0.0.0',
        golden_tolerance: 1e-3,
        libraries: {},
      },
      front_end: { ...frontEnd },
      normalization: { offset: [-40], scale: [0.05] },
      architecture: { ...architecture },
      window: { shape: [RATE], sample_rate: RATE },
      ...{ items, feature_shape: [...featureShape], latent_size: 8, score: 'mse' },
      training: { files: 1, windows: 1, held_out_files: 1, epochs: 1, best_loss: 1, seed: 1, seconds: 1 },
    },
    model: scoringGraph(buildNetwork(architecture, featureShape, 1), 'mse'),
    calibration: { count: 1, mean: 1, std: 0, quantiles: Array(1001).fill(1), gamma: { shape: 1, scale: 1 } },
    golden,
    latents: new Float32Array(8),
    report: '<p>report</p>',
  }
  const bundle = join(folder, 'bundle')
  await writeBundle(bundle, parts)
  const scorer = await createScorer(await readBundle(bundle), { device: 'cpu', threads: 1 })
  golden.scores.set((await scorer.score(golden.windows, 1)).scores)
  await scorer.close()
  await writeBundle(bundle, parts)
  return bundle
}
