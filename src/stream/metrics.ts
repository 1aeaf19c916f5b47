import { setImmediate as turn } from 'node:timers/promises'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { SourceStatus, Telemetry } from './telemetry.ts'

/** Everything that is pulled when metrics are scraped. Taken at one moment, so the accounting identity holds in each scrape. */
export interface MetricsState {
  readonly sources: readonly SourceStatus[]
  readonly clients: number
  /** Score messages that slow WebSocket clients did not get. */
  readonly unsentScores: number
  readonly workerRestarts: number
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
  readonly #open = this.#gauge('auscult_episode_open', '1 while an episode is open')
  readonly #up = this.#gauge('auscult_source_up', '1 while the source delivers')
  readonly #gaps = this.#counter('auscult_source_gaps_total', 'Places where data were missing or out of order')
  readonly #late = this.#counter('auscult_windows_late_total', 'Windows of an earlier time than one before them')
  readonly #sourceRestarts = this.#counter('auscult_source_restarts_total', 'Times that what feeds a source began anew')
  readonly #lag = this.#gauge('auscult_source_lag', 'Items that wait at the origin')
  readonly #condition = this.#gauge('auscult_source_condition', '1 while a source has this trouble', 'condition')
  readonly #clients = this.#single('auscult_websocket_clients', 'WebSocket clients')
  readonly #unsent = this.#total('auscult_websocket_unsent_scores_total', 'Score messages dropped for slow clients')
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
    this.#batch.observe(windows)
    this.#scoring.observe(seconds)
  }

  latency(seconds: number): void {
    this.#latency.observe(seconds)
  }

  /** The exposition text. Scrapes that overlap are answered one after the other, each with the state of its moment. */
  render(state: () => MetricsState): Promise<string> {
    const text = this.#last.then(() => this.#render(state()))
    this.#last = text.catch(() => {})
    return text
  }

  async #render(state: MetricsState): Promise<string> {
    for (const metric of [this.#received, this.#scored, this.#dropped, this.#failed]) metric.reset()
    for (const metric of [this.#suppressed, this.#episodes, this.#unsent, this.#restarts]) metric.reset()
    for (const metric of [this.#gaps, this.#late, this.#sourceRestarts, this.#condition, this.#up, this.#lag])
      metric.reset()
    const pause = pauses()
    for (const source of state.sources) {
      this.#set(source)
      await pause()
    }
    this.#clients.set(state.clients)
    this.#unsent.inc(state.unsentScores)
    this.#restarts.inc(state.workerRestarts)
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
    this.#open.set({ source }, status.episodeOpen ? 1 : 0)
    this.#gaps.inc({ source }, status.gaps)
    this.#late.inc({ source }, status.late)
    this.#sourceRestarts.inc({ source }, status.restarts)
    if (status.lag !== undefined) this.#lag.set({ source }, status.lag)
    for (const condition of Object.keys(status.conditions)) this.#condition.set({ source, condition }, 1)
    if (status.state !== 'handed_over') this.#up.set({ source }, status.state === 'running' ? 1 : 0)
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

/** Lets everything else have its turn, when it has waited long enough. */
function pauses(): () => Promise<void> | undefined {
  let since = performance.now()
  const pause = async () => {
    await turn()
    since = performance.now()
  }
  return () => (performance.now() - since < HOLD_MS ? undefined : pause())
}
