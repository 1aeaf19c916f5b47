import { setImmediate as turn } from 'node:timers/promises'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { Recent } from './recent.ts'
import type { DriftStatus, SourceStatus, Telemetry } from './telemetry.ts'

/** Everything that is pulled when metrics are scraped. Taken at one moment, so the accounting identity holds in each scrape. */
export interface MetricsState {
  readonly sources: readonly SourceStatus[]
  readonly clients: number
  /** Score messages that slow WebSocket clients did not get. */
  readonly unsentScores: number
  readonly workerRestarts: number
  readonly clusters: ClusterCounts
  readonly evidence: EvidenceCounts
  readonly map: { readonly placed: number; readonly skipped: number }
  /** Mutes in force. */
  readonly mutes: number
}

export interface ClusterCounts {
  readonly size: number
  readonly births: number
  readonly merges: number
  /** Latents that were not finite. */
  readonly refused: number
}

export interface EvidenceCounts {
  readonly explained: number
  readonly failed: number
  readonly skipped: number
  /** On the disk. */
  readonly bytes: number
}

export interface BuildInfo {
  readonly version: string
  readonly node: string
  readonly bundle: string
}

const RATIO = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 2, 3, 5, 10, 100]
const BATCH = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Milliseconds that a scrape of many sources holds up windows at a time. */
const HOLD_MS = 3

/** The metrics of one daemon, in a registry of their own. */
export class Metrics implements Telemetry {
  readonly contentType: string
  /** Of windows that were scored. */
  readonly recent = new Recent()
  readonly #registry = new Registry()
  #last: Promise<unknown> = Promise.resolve()
  readonly #ratio = this.#histogram('auscult_score_distribution', 'Scores in units of the threshold', RATIO)
  readonly #batch = this.#histogram('auscult_batch_windows', 'Windows in a batch', BATCH)
  readonly #scoring = this.#histogram('auscult_scoring_seconds', 'Seconds that scoring a batch took', SECONDS)
  readonly #latency = this.#histogram(
    'auscult_window_latency_seconds',
    'Seconds from the arrival of a window to its score',
    SECONDS,
  )
  readonly #received = this.#counter('auscult_windows_received_total', 'Windows received')
  readonly #scored = this.#counter('auscult_windows_scored_total', 'Windows scored')
  readonly #dropped = this.#counter('auscult_windows_dropped_total', 'Windows dropped, by reason', 'reason')
  readonly #failed = this.#counter('auscult_windows_failed_total', 'Windows that could not be scored', 'reason')
  readonly #suppressed = this.#counter('auscult_windows_suppressed_total', 'Anomalous windows within a cool-down')
  readonly #episodes = this.#counter('auscult_episodes_total', 'Episodes opened')
  readonly #inFlight = this.#gauge('auscult_windows_in_flight', 'Windows received whose outcome is open')
  readonly #queue = this.#gauge('auscult_queue_windows', 'Windows that wait to be scored')
  readonly #score = this.#gauge('auscult_score', 'Latest anomaly score')
  readonly #threshold = this.#gauge('auscult_threshold', 'Score above which a window is anomalous')
  readonly #open = this.#gauge('auscult_episode_open', '1 while an episode is open that is not muted')
  readonly #muted = this.#gauge('auscult_episode_muted', '1 while an episode is open that is muted')
  readonly #mutedEpisodes = this.#counter('auscult_episodes_muted_total', 'Episodes that were muted')
  readonly #psi = this.#gauge(
    'auscult_drift_psi',
    'Population stability index of recent scores against the calibration',
  )
  readonly #level = this.#gauge('auscult_score_level', 'Geometric mean of recent normal scores')
  readonly #factor = this.#gauge(
    'auscult_level_factor',
    'Level above the threshold that was absorbed, as a factor; 1: none',
  )
  readonly #drifting = this.#gauge('auscult_drifting', '1 while the scores drift', 'kind', 'direction')
  readonly #up = this.#gauge('auscult_source_up', '1 while the source delivers')
  readonly #gaps = this.#counter('auscult_source_gaps_total', 'Places where data were missing or out of order')
  readonly #late = this.#counter('auscult_windows_late_total', 'Windows of an earlier time than one before them')
  readonly #sourceRestarts = this.#counter('auscult_source_restarts_total', 'Times that what feeds a source began anew')
  readonly #lag = this.#gauge('auscult_source_lag', 'Items that wait at the origin')
  readonly #condition = this.#gauge('auscult_source_condition', '1 while a source has this trouble', 'condition')
  readonly #clients = this.#single('auscult_websocket_clients', 'WebSocket clients')
  readonly #unsent = this.#total('auscult_websocket_unsent_scores_total', 'Score messages dropped for slow clients')
  readonly #clusters = this.#single('auscult_clusters', 'Clusters of latents')
  readonly #births = this.#total('auscult_cluster_births_total', 'Clusters born since start')
  readonly #merges = this.#total('auscult_cluster_merges_total', 'Clusters merged since start')
  readonly #latentsRefused = this.#total('auscult_latents_refused_total', 'Latents that were not finite')
  readonly #explained = this.#total('auscult_explanations_total', 'Windows that were explained')
  readonly #unexplained = this.#total(
    'auscult_explanations_failed_total',
    'Explanations that failed or could not be written',
  )
  readonly #unasked = this.#total(
    'auscult_explanations_skipped_total',
    'Explanations left out because the scorers were busy',
  )
  readonly #evidence = this.#single('auscult_evidence_bytes', 'Bytes of clips and explanations on the disk')
  readonly #placed = this.#total('auscult_map_placed_total', 'Latents placed on the map')
  readonly #unplaced = this.#total('auscult_map_skipped_total', 'Latents that were not placed, to bound the rate')
  readonly #mutes = this.#single('auscult_mutes', 'Mutes in force')
  readonly #restarts = this.#total('auscult_scorer_restarts_total', 'Scorer threads started again after they died')

  constructor(info: BuildInfo) {
    this.contentType = this.#registry.contentType
    collectDefaultMetrics({ register: this.#registry })
    const labelNames = Object.keys(info)
    const build = new Gauge({ name: 'auscult_build_info', help: 'Always 1', labelNames, registers: [this.#registry] })
    build.set({ ...info }, 1)
  }

  scoreRatio(ratio: number): void {
    if (Number.isFinite(ratio)) this.#ratio.observe(ratio)
  }

  batch(windows: number, seconds: number): void {
    this.recent.advance()
    this.#batch.observe(windows)
    this.#scoring.observe(seconds)
  }

  latency(seconds: number): void {
    this.#latency.observe(seconds)
    this.recent.add(seconds)
  }

  /** The exposition text. Scrapes that overlap are answered one after the other, each with the state of its moment. */
  render(state: () => MetricsState): Promise<string> {
    const text = this.#last.then(() => this.#render(state()))
    this.#last = text.catch(() => {})
    return text
  }

  async #render(state: MetricsState): Promise<string> {
    for (const metric of [this.#received, this.#scored, this.#dropped, this.#failed]) metric.reset()
    for (const metric of [this.#suppressed, this.#episodes]) metric.reset()
    for (const metric of [this.#gaps, this.#late, this.#sourceRestarts, this.#condition, this.#up, this.#lag])
      metric.reset()
    for (const metric of [this.#mutedEpisodes, this.#drifting, this.#psi, this.#level, this.#factor]) metric.reset()
    const pause = pauses()
    for (const source of state.sources) {
      this.#set(source)
      await pause()
    }
    this.#clients.set(state.clients)
    this.#mutes.set(state.mutes)
    this.#clusters.set(state.clusters.size)
    this.#evidence.set(state.evidence.bytes)
    setTotals([
      [this.#unsent, state.unsentScores],
      [this.#restarts, state.workerRestarts],
      [this.#births, state.clusters.births],
      [this.#merges, state.clusters.merges],
      [this.#latentsRefused, state.clusters.refused],
      [this.#explained, state.evidence.explained],
      [this.#unexplained, state.evidence.failed],
      [this.#unasked, state.evidence.skipped],
      [this.#placed, state.map.placed],
      [this.#unplaced, state.map.skipped],
    ])
    const texts: string[] = []
    for (const { name } of this.#registry.getMetricsAsArray()) {
      texts.push(await this.#registry.getSingleMetricAsString(name))
      await pause()
    }
    return `${texts.join('\n\n')}\n`
  }

  #set({ name: source, account, ...status }: SourceStatus): void {
    this.#received.inc({ source }, account.received)
    this.#scored.inc({ source }, account.scored)
    for (const [reason, n] of Object.entries(account.dropped)) this.#dropped.inc({ source, reason }, n)
    for (const [reason, n] of Object.entries(account.failed)) this.#failed.inc({ source, reason }, n)
    this.#suppressed.inc({ source }, status.suppressed)
    this.#episodes.inc({ source }, status.episodes)
    this.#inFlight.set({ source }, account.inFlight)
    this.#queue.set({ source }, status.queued)
    if (status.score !== undefined) this.#score.set({ source }, status.score)
    this.#threshold.set({ source }, status.threshold)
    this.#open.set({ source }, status.episodeOpen && !status.muted ? 1 : 0)
    this.#muted.set({ source }, status.muted ? 1 : 0)
    this.#mutedEpisodes.inc({ source }, status.mutedEpisodes ?? 0)
    this.#setDrift(source, status.drift)
    this.#gaps.inc({ source }, status.gaps)
    this.#late.inc({ source }, status.late)
    this.#sourceRestarts.inc({ source }, status.restarts)
    if (status.lag !== undefined) this.#lag.set({ source }, status.lag)
    for (const condition of Object.keys(status.conditions)) this.#condition.set({ source, condition }, 1)
    if (status.state !== 'handed_over') this.#up.set({ source }, status.state === 'running' ? 1 : 0)
  }

  #setDrift(source: string, drift: DriftStatus | undefined): void {
    if (!drift) return
    this.#psi.set({ source }, drift.psi)
    this.#factor.set({ source }, drift.factor)
    if (drift.level !== undefined) this.#level.set({ source }, drift.level)
    for (const [kind, direction] of Object.entries(drift.drifting)) {
      if (direction !== undefined) this.#drifting.set({ source, kind, direction }, 1)
    }
  }

  #counter(name: string, help: string, ...labels: string[]): Counter {
    return new Counter({ name, help, labelNames: ['source', ...labels], registers: [this.#registry] })
  }

  #gauge(name: string, help: string, ...labels: string[]): Gauge {
    return new Gauge({ name, help, labelNames: ['source', ...labels], registers: [this.#registry] })
  }

  #single(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.#registry] })
  }

  #total(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] })
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.#registry] })
  }
}

function setTotals(totals: readonly (readonly [Counter, number])[]): void {
  for (const [counter, total] of totals) {
    counter.reset()
    counter.inc(total)
  }
}

/** Lets everything else have its turn, when it has waited long enough. */
function pauses(): () => Promise<void> | undefined {
  let since = performance.now()
  const pause = async () => {
    await turn()
    since = performance.now()
  }
  return () => (performance.now() - since < HOLD_MS ? undefined : pause())
}
