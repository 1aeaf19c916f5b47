import type { Bundle } from '../model/bundle.ts'
import { type BundleScorer, createScorer } from '../model/bundle-scorer.ts'
import type { EngineOptions } from '../model/engine.ts'
import { calibrate } from './calibrate.ts'

/** A bundle in memory as far as scoring looks at it. */
export type Draft = Pick<Bundle, 'manifest' | 'model' | 'ranges' | 'detector'>

/** A scorer on a bundle that is not yet calibrated. */
export function draftScorer(draft: Draft, engine: EngineOptions): Promise<BundleScorer> {
  const none = new Float32Array(0)
  const empty = { folder: '', calibration: calibrate([0]), golden: { windows: none, scores: none }, latents: none }
  return createScorer({ ...draft, ...empty }, engine)
}
