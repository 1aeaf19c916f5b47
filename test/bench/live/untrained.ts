import { join } from 'node:path'
import { type ArchitectureConfig, architectureSchema } from '../../../src/model/architectures/config.ts'
import { type BundleParts, readBundle, writeBundle } from '../../../src/model/bundle.ts'
import { createScorer } from '../../../src/model/bundle-scorer.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { type FrontEndConfig, frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd, sampleRateOf } from '../../../src/model/frontends/create.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { seeded } from '../../../src/random.ts'

/** Seconds of 16 kHz through the default front end and dense-ae. */
export const SOUND: Untrained = {
  frontEnd: frontEndSchema.parse({ type: 'log-mel', stack: 5 }),
  architecture: architectureSchema.parse({ type: 'dense-ae' }),
}

/** Frames of 100 × 100 through conv2d-ae L. */
export const FRAMES: Untrained = {
  frontEnd: frontEndSchema.parse({ type: 'frame', shape: [100, 100] }),
  architecture: architectureSchema.parse({ type: 'conv2d-ae', output_activation: 'sigmoid' }),
}

interface Untrained {
  readonly frontEnd: FrontEndConfig
  readonly architecture: ArchitectureConfig
}

/** A bundle with the weights that training begins with: they do not change how fast it is. Nothing is above its threshold. */
export async function untrained(folder: string, { frontEnd, architecture }: Untrained): Promise<string> {
  const { items, featureShape, windowShape } = createFrontEnd(frontEnd)
  const network = buildModel(architecture, { featureShape, seed: 1, loss: 'mse' })
  const random = seeded(1)
  const golden = {
    windows: Float32Array.from({ length: sizeOf(windowShape) }, () => random.uniform()),
    scores: new Float32Array(1),
  }
  const parts: BundleParts = {
    manifest: {
      name: 'untrained',
      created: new Date(0).toISOString(),
      auscult: '0.0.0',
      front_end: { ...frontEnd },
      normalization: { offset: [0], scale: [1] },
      architecture: { ...architecture },
      window: { shape: [...windowShape], sample_rate: sampleRateOf(frontEnd) },
      items,
      feature_shape: [...featureShape],
      latent_size: network.latentSize,
      score: 'mse',
      training: { files: 1, windows: 1, held_out_files: 1, epochs: 1, best_loss: 1, seed: 1, seconds: 1 },
      golden_tolerance: 1e-3,
      libraries: {},
    },
    model: scoringGraph(network),
    calibration: { count: 1, mean: 1e6, std: 0, quantiles: Array(1001).fill(1e6), gamma: { shape: 1, scale: 1 } },
    golden,
    latents: new Float32Array(network.latentSize),
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
