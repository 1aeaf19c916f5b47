import { join } from 'node:path'
import { architectureSchema } from '../../src/model/architectures/config.ts'
import { type BundleParts, readBundle, writeBundle } from '../../src/model/bundle.ts'
import { createScorer } from '../../src/model/bundle-scorer.ts'
import { buildModel } from '../../src/model/families/build.ts'
import { scoringGraph } from '../../src/model/scoring-graph.ts'
import { seeded } from '../../src/random.ts'

/** Samples of a window of the tiny bundle, and the frames of 8 values that it is cut into, three to an item. */
export const WINDOW = 48
const SHAPE = [WINDOW / 8, 8]

/** Parts of a bundle with an untrained network on `features` windows `[6, 8]`, stacked by three: four items of 24. */
export function tinyParts(): BundleParts {
  const architecture = architectureSchema.parse({ type: 'dense-ae', hidden: [6], latent: 2 })
  const network = buildModel(architecture, { featureShape: [24], seed: 1, loss: 'mse' })
  return {
    manifest: {
      name: 'tiny',
      created: '2026-01-01T00:00:00.000Z',
      auscult: '0.0.0',
      front_end: { type: 'features', shape: SHAPE, stack: 3 },
      normalization: { offset: [0.5], scale: [2] },
      architecture: { ...architecture },
      window: { shape: SHAPE, sample_rate: null },
      items: 4,
      feature_shape: [24],
      latent_size: 2,
      score: 'mse',
      training: { files: 1, windows: 1, held_out_files: 1, epochs: 1, best_loss: 1, seed: 1, seconds: 1 },
      golden_tolerance: 1e-3,
      libraries: {},
    },
    model: scoringGraph(network),
    calibration: { count: 1, mean: 1, std: 0, quantiles: Array(1001).fill(1), gamma: { shape: 1, scale: 1 } },
    golden: { windows: tinyWindows(2), scores: new Float32Array(2) },
    latents: new Float32Array(4),
    report: '<p>report</p>',
  }
}

export function tinyWindows(n: number, seed = 3): Float32Array {
  const random = seeded(seed)
  return Float32Array.from({ length: n * WINDOW }, () => random.uniform())
}

/** Writes the tiny bundle, its golden scores as it scores them, with changes. */
export async function writeTinyBundle(folder: string, changes: Partial<BundleParts> = {}): Promise<string> {
  const target = join(folder, 'tiny')
  const parts = { ...tinyParts(), ...changes }
  await writeBundle(target, parts)
  const scorer = await createScorer(await readBundle(target), { device: 'cpu', threads: 1 })
  const { scores } = await scorer.score(parts.golden.windows, 2)
  await scorer.close()
  await writeBundle(target, { ...parts, golden: { ...parts.golden, scores } })
  return target
}
