import { readBundle } from '../../src/model/bundle.ts'
import { BundleScorer } from '../../src/model/bundle-scorer.ts'
import type { Device } from '../../src/model/engine.ts'
import { withFallback } from '../../src/model/engines/fallback.ts'
import { createOnnxSession } from '../../src/model/engines/onnx.ts'
import { frontEndSchema } from '../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../src/model/frontends/create.ts'
import type { LoadScorer } from '../../src/model/scorer.ts'

/** This module, for the worker threads of a pool. */
export const LOSSY_SCORER = new URL('lossy-scorer.ts', import.meta.url).href

/** Batches after which the session of the device is destroyed under the scorer. */
const BATCHES = 3

/** The bundle's scorer, whose device is lost while it runs. */
export const loadScorer: LoadScorer = async (folder, options) => {
  const bundle = await readBundle(folder)
  const open = (device: Device) => createOnnxSession(bundle.model, { ...options, device })
  const session = await open(options.device)
  const frontEnd = createFrontEnd(frontEndSchema.parse(bundle.manifest.front_end), bundle.manifest.normalization)
  const scorer = new BundleScorer(
    bundle,
    frontEnd,
    withFallback(session, () => open('cpu')),
  )
  const score = scorer.score.bind(scorer)
  let batches = 0
  scorer.score = async (windows, n) => {
    if (batches++ === BATCHES) await session.release()
    return score(windows, n)
  }
  return scorer
}
