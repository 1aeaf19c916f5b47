import { join } from 'node:path'
import { architectureSchema } from '../../src/model/architectures/config.ts'
import { readBundle, writeBundle } from '../../src/model/bundle.ts'
import { createScorer } from '../../src/model/bundle-scorer.ts'
import { buildModel } from '../../src/model/families/build.ts'
import { scoringGraph } from '../../src/model/scoring-graph.ts'
import { seeded } from '../../src/random.ts'
import { tinyParts } from './tiny-bundle.ts'

/** Writes a bundle with a small untrained network for detector frames `[side, side]`: frames near 0 score about 0, those near 1 about 1. */
export async function writeFrameBundle(folder: string, side: number): Promise<string> {
  const target = join(folder, 'frames')
  const architecture = architectureSchema.parse({ type: 'dense-ae', hidden: [8], latent: 2 })
  const network = buildModel(architecture, { featureShape: [side, side, 1], seed: 1, loss: 'mse' })
  const parts = tinyParts()
  const random = seeded(5)
  const windows = Float32Array.from({ length: 2 * side * side }, () => random.uniform())
  const manifest = {
    ...parts.manifest,
    name: 'frames',
    front_end: { type: 'frame', shape: [side, side] },
    normalization: { offset: [0], scale: [1] },
    architecture: { ...architecture },
    window: { shape: [side, side], sample_rate: null },
    items: 1,
    feature_shape: [side, side, 1],
  }
  const own = { ...parts, manifest, model: scoringGraph(network) }
  await writeBundle(target, { ...own, golden: { windows, scores: new Float32Array(2) } })
  const scorer = await createScorer(await readBundle(target), { device: 'cpu', threads: 1 })
  const { scores } = await scorer.score(windows, 2)
  await scorer.close()
  await writeBundle(target, { ...own, golden: { windows, scores } })
  return target
}
