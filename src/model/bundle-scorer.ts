import { AuscultError } from '../errors.ts'
import type { Bundle } from './bundle.ts'
import type { Detector } from './detectors/open.ts'
import { summarizeFeatures, type VectorSpec, vectorSize } from './detectors/vectors.ts'
import type { EngineOptions, PassedOver, Precision, Session } from './engine.ts'
import type { FrontEndConfig } from './frontends/config.ts'
import { createFrontEnd } from './frontends/create.ts'
import { type FrontEnd, sizeOf } from './frontends/frontend.ts'
import { invertNormalization } from './normalizer.ts'
import { openSession } from './open-session.ts'
import { REDUCED_TOLERANCE } from './precision-rules.ts'
import { meanResiduals, residualScores } from './residual.ts'
import type { LoadContents, LoadScorer, Scorer, WindowScores } from './scorer.ts'

/** Bytes of features that go through the graph at once; more windows than fit are scored in turns. */
const FEATURE_BYTES = 32 * 2 ** 20
/** Part of the mean held-out score below which differences of detectors' scores are measured against it. */
const NEGLIGIBLE = 0.01

/** Loads a bundle, checks its hashes and re-scores its golden windows. In `auto`, a device that scores these otherwise is passed over. */
export const loadScorer: LoadScorer = async (folder, options) => {
  const [{ readBundle }, { checkFrontEnd }] = await Promise.all([import('./bundle.ts'), import('./check-front-end.ts')])
  return loadContents(checkFrontEnd(await readBundle(folder)), options)
}

/**
 * The same with a bundle that was read, and its front end checked: a thread that is given one need not load what checks it, which takes 10 MB
 * (so modules that check are imported by those alone who call them).
 */
export const loadContents: LoadContents = async (bundle, options) => {
  const passOver = [...(options.passOver ?? [])]
  for (;;) {
    const scorer = await openScorer(bundle, { ...options, passOver })
    const { device } = scorer
    let difference: string | undefined
    try {
      difference = await goldenDifference(scorer, options.precision)
    } catch (error) {
      await scorer.close()
      throw error
    }
    if (difference === undefined) return scorer
    await scorer.close()
    const isLast = device === 'cpu' || passOver.some(other => other.device === device)
    if (options.device !== 'auto' || isLast) throw otherScores(difference, scorer, options.precision)
    passOver.push({ device, reason: difference, remedy: 'Update the driver of the device.' })
  }
}

/** A scorer on a bundle in memory, without the golden check. */
export async function createScorer(bundle: Bundle, options: EngineOptions): Promise<BundleScorer> {
  const { checkFrontEnd } = await import('./check-front-end.ts')
  return openScorer(checkFrontEnd(bundle), options)
}

async function openScorer(bundle: Bundle, options: EngineOptions): Promise<BundleScorer> {
  const { front_end, normalization } = bundle.manifest
  const frontEnd = createFrontEnd(front_end as FrontEndConfig, normalization)
  const sizes = { latent: bundle.manifest.latent_size, item: sizeOf(frontEnd.featureShape) }
  // Only bundles that have a detector pay for it.
  const detector = bundle.detector && (await import('./detectors/open.ts')).openDetector(bundle.detector, sizes)
  return new BundleScorer(bundle, frontEnd, await openSession(bundle, options), detector)
}

export class BundleScorer implements Scorer {
  readonly windowShape: readonly number[]
  readonly latentSize: number
  readonly bundle: Bundle
  readonly #frontEnd: FrontEnd
  readonly #session: Session
  readonly #detector: Detector | undefined
  readonly #windowSize: number
  readonly #featureSize: number
  readonly #windowsAtOnce: number
  #features = new Float32Array(0)

  constructor(bundle: Bundle, frontEnd: FrontEnd, session: Session, detector?: Detector) {
    this.bundle = bundle
    this.#frontEnd = frontEnd
    this.#session = session
    this.#detector = detector
    this.windowShape = bundle.manifest.window.shape
    this.latentSize = bundle.manifest.latent_size
    this.#windowSize = sizeOf(this.windowShape)
    this.#featureSize = sizeOf(frontEnd.featureShape)
    this.#windowsAtOnce = Math.max(1, Math.floor(FEATURE_BYTES / (frontEnd.items * this.#featureSize * 4)))
  }

  get device(): Session['device'] {
    return this.#session.device
  }

  get passedOver(): readonly PassedOver[] {
    return this.#session.passedOver
  }

  async score(windows: Float32Array, n: number): Promise<WindowScores> {
    const { latentSize } = this
    if (this.#detector) return this.#detect(this.#detector, windows, n)
    const { residual_spread: spread, classes } = this.bundle.manifest
    const wanted = spread ? 'reconstruction' : 'score'
    const scores = new Float32Array(n)
    const latents = new Float32Array(n * latentSize)
    const probabilities = this.#probabilitiesOf(n)
    await this.#inTurns(windows, n, async (features, from, count) => {
      const outputs = await this.#run(features, ['latent', wanted, ...(classes ? ['probabilities'] : [])])
      const { latent, [wanted]: output } = outputs
      if (spread) scores.set(residualScores(meanResiduals(features, output, count, spread.length), spread), from)
      else averageItems(output, count, 1, scores.subarray(from, from + count))
      averageItems(latent, count, latentSize, latents.subarray(from * latentSize, (from + count) * latentSize))
      this.#addProbabilities(outputs.probabilities, from, count, probabilities)
    })
    return { scores, latents, latentSize, probabilities }
  }

  #probabilitiesOf(n: number): Float32Array | undefined {
    const { classes } = this.bundle.manifest
    return classes && new Float32Array(n * classes.length)
  }

  #addProbabilities(ofItems: Float32Array, from: number, n: number, into: Float32Array | undefined): void {
    if (!into) return
    const { length } = this.bundle.manifest.classes!
    const given = ofItems.length / (n * this.#frontEnd.items)
    if (given !== length) {
      const message = `the model gives ${given} probabilities of an item, and its manifest names ${length} classes`
      throw new AuscultError('AUSCULT_BUNDLE', message, {
        at: this.bundle.folder,
        remedy: 'Give the folder that `auscult train` wrote, or train again.',
      })
    }
    averageItems(ofItems, n, length, into.subarray(from * length, (from + n) * length))
  }

  async #detect(detector: Detector, windows: Float32Array, n: number): Promise<WindowScores> {
    const { latentSize } = this
    const scores = new Float32Array(n)
    const latents = new Float32Array(n * latentSize)
    const probabilities = this.#probabilitiesOf(n)
    const extra = probabilities ? ['probabilities'] : []
    await this.#inTurns(windows, n, async (features, from, count) => {
      const { vectors, latent, outputs } = await this.#vectors(features, count, detector.vector, extra)
      scores.set(detector.score(vectors, count), from)
      latents.set(latent, from * latentSize)
      this.#addProbabilities(outputs.probabilities, from, count, probabilities)
    })
    return { scores, latents, latentSize, probabilities }
  }

  /** What a detector sees of each window, `[n × vectorSize]`. */
  async vectors(windows: Float32Array, n: number, spec: VectorSpec): Promise<Float32Array> {
    const size = vectorSize(spec, { latent: this.latentSize, item: this.#featureSize })
    const vectors = new Float32Array(n * size)
    await this.#inTurns(windows, n, async (features, from, count) => {
      vectors.set((await this.#vectors(features, count, spec)).vectors, from * size)
    })
    return vectors
  }

  /** The same of features, with the mean latent of each window. @param extra outputs that are wanted too */
  async #vectors(features: Float32Array, n: number, spec: VectorSpec, extra: readonly string[] = []) {
    const wanted = spec.on === 'residual' ? ['latent', 'reconstruction'] : ['latent']
    const outputs = await this.#run(features, [...wanted, ...extra])
    const latent = new Float32Array(n * this.latentSize)
    averageItems(outputs.latent, n, this.latentSize, latent)
    return { vectors: this.#vectorsOf(features, outputs, latent, spec), latent, outputs }
  }

  #vectorsOf(
    features: Float32Array,
    { reconstruction }: Record<string, Float32Array>,
    latent: Float32Array,
    spec: VectorSpec,
  ) {
    if (spec.on === 'latent') return latent
    const n = latent.length / this.latentSize
    if (spec.on === 'residual') return meanResiduals(features, reconstruction, n, this.#featureSize)
    return summarizeFeatures(features, n, this.#featureSize, spec)
  }

  /** Mean residual of each window over its items, `[n × feature size]`, in normalised units. */
  async residuals(windows: Float32Array, n: number): Promise<Float32Array> {
    const residuals = new Float32Array(n * this.#featureSize)
    await this.#inTurns(windows, n, async (features, from, count) => {
      const { reconstruction } = await this.#run(features, ['reconstruction'])
      residuals.set(meanResiduals(features, reconstruction, count, this.#featureSize), from * this.#featureSize)
    })
    return residuals
  }

  async reconstruct(windows: Float32Array, n: number) {
    const size = this.#frontEnd.items * this.#featureSize
    const features = new Float32Array(n * size)
    const reconstruction = new Float32Array(n * size)
    await this.#inTurns(windows, n, async (batch, from) => {
      const { reconstruction: part } = await this.#run(batch, ['reconstruction'])
      features.set(batch, from * size)
      reconstruction.set(part, from * size)
    })
    const { offset, scale } = this.bundle.manifest.normalization
    invertNormalization(features, offset, scale)
    invertNormalization(reconstruction, offset, scale)
    return { features, reconstruction }
  }

  async close(): Promise<void> {
    await this.#session.release()
  }

  /** Transforms as many windows as fit at once, and hands their features on. */
  async #inTurns(
    windows: Float32Array,
    n: number,
    use: (features: Float32Array, from: number, count: number) => Promise<void>,
  ): Promise<void> {
    const size = this.#frontEnd.items * this.#featureSize
    for (let from = 0; from < n; from += this.#windowsAtOnce) {
      const count = Math.min(this.#windowsAtOnce, n - from)
      if (this.#features.length < count * size) this.#features = new Float32Array(count * size)
      const features = this.#features.subarray(0, count * size)
      for (let i = 0; i < count; i++) {
        const start = (from + i) * this.#windowSize
        this.#frontEnd.transform(windows.subarray(start, start + this.#windowSize), features, i * size)
      }
      await use(features, from, count)
    }
  }

  /** Runs the graph as far as the named outputs need it. */
  async #run(features: Float32Array, outputs: readonly string[]): Promise<Record<string, Float32Array>> {
    const shape = [features.length / this.#featureSize, ...this.#frontEnd.featureShape]
    const results = await this.#session.run({ features: { data: features, shape } }, outputs)
    return Object.fromEntries(outputs.map(name => [name, results[name].data]))
  }
}

/** Mean over each window's items: `values [n × items × width]` to `out [n × width]`. */
function averageItems(values: Float32Array, n: number, width: number, out: Float32Array): void {
  const items = values.length / (n * width)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < width; k++) {
      let sum = 0
      for (let item = 0; item < items; item++) sum += values[(i * items + item) * width + k]
      out[i * width + k] = sum / items
    }
  }
}

/** What is wrong with the scores of the golden windows; undefined where nothing is. */
async function goldenDifference(scorer: BundleScorer, precision: Precision = 'fp32'): Promise<string | undefined> {
  const { golden, manifest } = scorer.bundle
  const tolerance = precision === 'fp32' ? manifest.golden_tolerance : REDUCED_TOLERANCE
  const { scores } = await scorer.score(golden.windows, golden.scores.length)
  // A window that was trained on too has distance 0 to itself, or that of the last bits.
  const least = manifest.detector ? NEGLIGIBLE * scorer.bundle.calibration.mean : Number.MIN_VALUE
  const differs = golden.scores.findIndex((expected, i) => {
    const difference = Math.abs(scores[i] - expected) / Math.max(Math.abs(expected), least)
    return !(difference <= tolerance)
  })
  if (differs === -1) return undefined
  const here = precision === 'fp32' ? 'here' : `in ${precision}`
  return `golden window ${differs} scores ${scores[differs]} ${here} and ${golden.scores[differs]} when it was trained`
}

function otherScores(difference: string, { bundle, device }: BundleScorer, precision: Precision = 'fp32') {
  const at = bundle.folder
  if (precision === 'fp32') {
    const remedy = `Use another device (this is ${device}), or train the bundle again with this version.`
    return new AuscultError('AUSCULT_BUNDLE', difference, { at, remedy })
  }
  const remedy = 'Use precision: fp32, or another that `auscult evaluate BUNDLE --precision all` shows to be good.'
  const allowed = `${difference}; a difference of ${100 * REDUCED_TOLERANCE} % is allowed`
  return new AuscultError('AUSCULT_PRECISION', allowed, { at, remedy })
}
