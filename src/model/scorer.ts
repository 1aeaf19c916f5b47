import type { Bundle } from './bundle.ts'
import type { EngineOptions, PassedOver } from './engine.ts'

/** What scoring a batch of n windows gives. */
export interface WindowScores {
  /** `[n]`: mean reconstruction error over a window's items, in the units of the model's loss; or see residualScores. */
  readonly scores: Float32Array
  /** `[n × latentSize]`: mean latent over a window's items. */
  readonly latents: Float32Array
  readonly latentSize: number
  /** `[n × classes]`, of models that tell classes apart: mean over a window's items. */
  readonly probabilities?: Float32Array
}

/** What came and what the model made of it, both `[n × items × feature size]`, in un-normalised feature units. */
export interface Reconstructed {
  readonly features: Float32Array
  readonly reconstruction: Float32Array
}

/** Scores windows with a bundle. Runs in a worker thread inside the daemon, directly in the trainer and tests. */
export interface Scorer {
  readonly windowShape: readonly number[]
  readonly latentSize: number
  /** Where it computes now: a device that is lost is given up for the CPU. */
  readonly device: string
  /** What would have been better and cannot be used; what was lost on the way comes last. */
  readonly passedOver?: readonly PassedOver[]
  /** @param windows `[n × window size]`, row-major. @throws AUSCULT_NON_FINITE, AUSCULT_ENGINE */
  score(windows: Float32Array, n: number): Promise<WindowScores>
  reconstruct(windows: Float32Array, n: number): Promise<Reconstructed>
  close(): Promise<void>
}

/** Loads a bundle, checks its hashes and re-scores its golden windows. @throws AUSCULT_BUNDLE */
export type LoadScorer = (bundleFolder: string, options: EngineOptions) => Promise<Scorer>

/** The same of a bundle that was read and checked. */
export type LoadContents = (bundle: Bundle, options: EngineOptions) => Promise<Scorer>
