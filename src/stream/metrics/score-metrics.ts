import type { DriftStatus, SourceStatus } from '../telemetry.ts'
import type { Exposition, Values } from './exposition.ts'

/** What each source scores, its episodes, and how its scores drift. */
export class ScoreMetrics {
  readonly #score: Values
  readonly #threshold: Values
  readonly #open: Values
  readonly #muted: Values
  readonly #episodes: Values
  readonly #mutedEpisodes: Values
  readonly #suppressed: Values
  readonly #drifting: Values
  readonly #psi: Values
  readonly #level: Values
  readonly #factor: Values

  constructor(exposition: Exposition) {
    const gauge = exposition.gauge.bind(exposition)
    const counter = exposition.counter.bind(exposition)
    this.#score = gauge('auscult_score', 'Latest anomaly score', 'source')
    this.#threshold = gauge('auscult_threshold', 'Score above which a window is anomalous', 'source')
    this.#open = gauge('auscult_episode_open', '1 while an episode is open that is not muted, else 0', 'source')
    this.#muted = gauge('auscult_episode_muted', '1 while an episode is open that is muted, else 0', 'source')
    this.#episodes = counter('auscult_episodes_total', 'Episodes opened', 'source')
    this.#mutedEpisodes = counter('auscult_episodes_muted_total', 'Of these, episodes that were muted', 'source')
    this.#suppressed = counter('auscult_windows_suppressed_total', 'Anomalous windows within a cool-down', 'source')
    this.#drifting = gauge('auscult_drifting', '1 while the scores drift', 'source', 'kind', 'direction')
    this.#psi = gauge(
      'auscult_drift_psi',
      'Population stability index of recent scores against the calibration',
      'source',
    )
    this.#level = gauge('auscult_score_level', 'Geometric mean of recent normal scores', 'source')
    this.#factor = gauge(
      'auscult_level_factor',
      'Level above the threshold that was absorbed, as a factor; 1: none',
      'source',
    )
  }

  set(status: SourceStatus, labels: { readonly source: string }): void {
    const { score, threshold, episodeOpen, muted = false, drift } = status
    if (score !== undefined) this.#score.set(score, labels)
    if (!Number.isNaN(threshold)) this.#threshold.set(threshold, labels)
    this.#open.set(episodeOpen && !muted ? 1 : 0, labels)
    this.#muted.set(muted ? 1 : 0, labels)
    this.#episodes.set(status.episodes, labels)
    this.#mutedEpisodes.set(status.mutedEpisodes ?? 0, labels)
    this.#suppressed.set(status.suppressed, labels)
    if (drift) this.#setDrift(drift, labels)
  }

  #setDrift({ psi, level, factor, drifting }: DriftStatus, labels: { readonly source: string }): void {
    this.#psi.set(psi, labels)
    if (level !== undefined) this.#level.set(level, labels)
    this.#factor.set(factor, labels)
    for (const [kind, direction] of Object.entries(drifting)) {
      if (direction !== undefined) this.#drifting.set(1, { ...labels, kind, direction })
    }
  }
}
