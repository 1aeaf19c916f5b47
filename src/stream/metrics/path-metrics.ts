import { STAGES, type Stage, type Telemetry } from '../telemetry.ts'
import type { Distribution } from './distribution.ts'
import type { Exposition } from './exposition.ts'
import { Recent } from './recent.ts'

/** In units of the threshold. */
const RATIO = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 2, 3, 5, 10, 100]
const BATCH = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
/** From what a handful of windows costs to what waits for a disk. */
const STAGE = [
  ...[0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005],
  ...[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
]
const SECONDS = STAGE.filter(seconds => seconds >= 0.001)

/** What is measured along the path of the windows. All of it together costs a window a few dozen nanoseconds. */
export class PathMetrics implements Telemetry {
  /** Of windows that were scored. */
  readonly recent = new Recent()
  readonly #ratio: Distribution
  readonly #batch: Distribution
  readonly #scoring: Distribution
  readonly #latency: Distribution
  readonly #stages: Readonly<Record<Stage, Distribution>>
  readonly #append: Distribution

  constructor(exposition: Exposition) {
    const histogram = exposition.histogram.bind(exposition)
    this.#latency = histogram(
      'auscult_window_latency_seconds',
      'Seconds from the arrival of a window to its score',
      SECONDS,
    )
    this.#stages = exposition.histograms(
      'auscult_stage_seconds',
      'Seconds that a window spent in `wait` (from its arrival until its batch was submitted), `score` (until the batch was scored) and `decide` (until it was judged), and an event in `store` (until it was durable) and `deliver` (until it was handed to all sinks)',
      STAGE,
      'stage',
      STAGES,
    )
    this.#batch = histogram('auscult_batch_windows', 'Windows in a batch', BATCH)
    this.#scoring = histogram('auscult_scoring_seconds', 'Seconds that the model took for a batch', SECONDS)
    this.#ratio = histogram('auscult_score_distribution', 'Scores divided by their threshold', RATIO)
    this.#append = histogram(
      'auscult_store_append_seconds',
      'Seconds that a transaction of the event store took',
      SECONDS,
    )
  }

  scoreRatio(ratio: number): void {
    if (Number.isFinite(ratio)) this.#ratio.add(ratio)
  }

  batch(windows: number, seconds: number): void {
    this.recent.advance()
    this.#batch.add(windows)
    this.#scoring.add(seconds)
  }

  window(waited: number, latency: number): void {
    this.#stages.wait.add(waited)
    this.#latency.add(latency)
    this.recent.add(latency)
  }

  stage(stage: Stage, seconds: number, count: number): void {
    this.#stages[stage].add(seconds, count)
  }

  appended(seconds: number): void {
    this.#append.add(seconds)
  }
}
