import type { MetricsConfig } from './metrics/config.ts'
import { type Declared, Exposition } from './metrics/exposition.ts'
import { FeedMetrics } from './metrics/feed-metrics.ts'
import { PartMetrics } from './metrics/part-metrics.ts'
import { PathMetrics } from './metrics/path-metrics.ts'
import { ScoreMetrics } from './metrics/score-metrics.ts'
import { SourceLabels } from './metrics/source-labels.ts'
import type { MetricsState } from './metrics/state.ts'
import { WindowMetrics } from './metrics/window-metrics.ts'

export type { MetricsState } from './metrics/state.ts'

export interface BuildInfo {
  readonly version: string
  readonly node: string
  readonly bundle: string
  /** When the bundle was made, ms since the epoch. */
  readonly created: number
}

/** The metrics of one daemon. docs/metrics.md lists them. */
export class Metrics {
  /** What is measured along the path of the windows; all else is pulled when somebody asks. */
  readonly path: PathMetrics
  readonly #exposition = new Exposition()
  readonly #labels: SourceLabels
  readonly #perSource: readonly (WindowMetrics | ScoreMetrics | FeedMetrics)[]
  readonly #parts: PartMetrics
  readonly #own: (omitted: number) => void
  #last: Promise<unknown> = Promise.resolve()

  constructor(info: BuildInfo, config: MetricsConfig) {
    const exposition = this.#exposition
    this.#labels = new SourceLabels(config)
    this.#perSource = [new WindowMetrics(exposition), new ScoreMetrics(exposition), new FeedMetrics(exposition)]
    this.path = new PathMetrics(exposition)
    this.#parts = new PartMetrics(exposition)
    this.#own = ownMetrics(exposition, info)
  }

  get contentType(): string {
    return this.#exposition.contentType
  }

  /** Names, types and labels of all metrics besides Node's own. */
  get declared(): readonly Declared[] {
    return this.#exposition.declared
  }

  /** The exposition text. Scrapes that overlap are answered one after the other, each with the state of its moment. */
  render(state: () => MetricsState): Promise<string> {
    const text = this.#last.then(() => this.#render(state()))
    this.#last = text.catch(() => {})
    return text
  }

  #render({ sources, ...parts }: MetricsState): Promise<string> {
    return this.#exposition.render(async pause => {
      for (const { label: source, status } of await this.#labels.label(sources, pause)) {
        for (const metrics of this.#perSource) metrics.set(status, { source })
        await pause()
      }
      this.#parts.set(parts)
      this.#own(this.#labels.omitted)
    })
  }
}

function ownMetrics(exposition: Exposition, info: BuildInfo): (omitted: number) => void {
  const { created, ...labels } = info
  const omitted = exposition.gauge(
    'auscult_metrics_sources_omitted',
    'Sources above `metrics.max_sources`, which are added up as source="(others)"',
  )
  const bundle = exposition.gauge('auscult_bundle_created_timestamp_seconds', 'When the bundle was made, Unix time')
  const build = exposition.gauge('auscult_build_info', 'Always 1', ...Object.keys(labels))
  return count => {
    omitted.set(count)
    if (Number.isFinite(created)) bundle.set(created / 1000)
    build.set(1, labels)
  }
}
