import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type AnalysedBundle, Analysis } from './analysis.ts'
import { type Clock, systemClock } from './clock.ts'
import { checkConfig } from './config.ts'
import type { DaemonConfig } from './daemon-config.ts'
import { AuscultError } from './errors.ts'
import { createSource } from './ingest/create-source.ts'
import { inputFormatSchema } from './ingest/format.ts'
import { sizeOfShape } from './ingest/frames.ts'
import type { Source, WindowSpec } from './ingest/source.ts'
import { type Service, startAll } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import { type Bundle, readBundle } from './model/bundle.ts'
import { checkFrontEnd } from './model/check-front-end.ts'
import { bundleFolder } from './model/foreign/bundle-folder.ts'
import type { Manifest } from './model/manifest.ts'
import { resolveThreshold } from './model/threshold.ts'
import { apiRoutes } from './stream/api.ts'
import type { Deciding } from './stream/decisions/types.ts'
import { deferred } from './stream/deferred.ts'
import { eventLogger } from './stream/event-logger.ts'
import { HttpServer } from './stream/http.ts'
import { type KafkaSinks, kafkaSinks } from './stream/kafka/kafka-sinks.ts'
import { Metrics } from './stream/metrics.ts'
import { Pipeline } from './stream/pipeline.ts'
import { capacityOf } from './stream/queue.ts'
import { RecentScores } from './stream/recent-scores.ts'
import { ScorerPool } from './stream/scorer-pool.ts'
import { statusOf } from './stream/status.ts'
import { EventStore } from './stream/store/event-store.ts'
import type { ComponentStatus, Sink, SourceStatus } from './stream/telemetry.ts'
import { Webhooks } from './stream/webhook/webhooks.ts'
import { WebSocketHub } from './stream/websocket/hub.ts'
import type { AuscultEvent, EpisodeEvent, Score, SourceEvent } from './types.ts'
import { VERSION } from './version.ts'
import { moduleUrl } from './worker-url.ts'

export { type DaemonConfig, daemonConfigSchema } from './daemon-config.ts'

/** What a daemon is given besides its configuration. */
export interface DaemonParts {
  readonly logger: Logger
  readonly clock?: Clock
  /** Feeds besides those of the configuration, made once the bundle's windows are known. */
  readonly feeds?: (spec: WindowSpec) => readonly Source[]
  /** Module with a `loadScorer` for the worker threads, as a URL. Default: the bundle's scorer. */
  readonly scorerModule?: string
  readonly readBundle?: (folder: string) => Promise<AnalysedBundle>
}

interface Listened {
  score: [Score]
  episode: [EpisodeEvent]
  source: [SourceEvent]
  event: [AuscultEvent, number]
}

/** Milliseconds that a stop may take. */
const GRACE_MS = 10_000

export function createDaemon(config: DaemonConfig, parts: DaemonParts): Daemon {
  return new Daemon(config, parts)
}

/**
 *     store · Kafka sinks · webhooks · scorer threads · analysis · http · websocket · evidence · pipeline (sources last)
 *
 * started in this order and stopped in reverse, so that nothing is received that could not be scored, stored and shown.
 */
export class Daemon {
  readonly #config: DaemonConfig
  readonly #parts: DaemonParts
  readonly #listeners = new EventEmitter<Listened>()
  readonly #finished = deferred()
  readonly #stopping = new AbortController()
  #starting: Promise<() => Promise<void>> | undefined
  #stopped: Promise<void> | undefined
  #http: HttpServer | undefined
  #pipeline: Pipeline | undefined
  #decisions: Deciding | undefined
  #threshold = Number.NaN

  constructor(config: DaemonConfig, parts: DaemonParts) {
    this.#config = config
    this.#parts = parts
    this.#finished.promise.catch(() => {})
  }

  /** Resolves when all feeds have ended and are drained, or after `stop`; rejects with the error of a feed that broke off. */
  get finished(): Promise<void> {
    return this.#finished.promise
  }

  /** `http://127.0.0.1:8080` while it listens. */
  get address(): string | undefined {
    return this.#http?.address
  }

  /** The score above which windows are anomalous; of a policy that follows the scores, the first. */
  get threshold(): number {
    return this.#threshold
  }

  /** What may be decided while it runs; undefined before the start. */
  get decisions(): Deciding | undefined {
    return this.#decisions
  }

  sources(): SourceStatus[] {
    return this.#pipeline?.sources() ?? []
  }

  /**
   * `score` for each scored window. Once durable: `episode` for each change of an episode, `source` for each trouble of a feed, `event` for
   * these and all else, with its number.
   */
  on(type: 'score', listener: (score: Score) => void): this
  on(type: 'episode', listener: (event: EpisodeEvent) => void): this
  on(type: 'source', listener: (event: SourceEvent) => void): this
  on(type: 'event', listener: (event: AuscultEvent, seq: number) => void): this
  on<K extends keyof Listened>(type: K, listener: (...values: Listened[K]) => void): this {
    this.#listeners.on(type, listener as never)
    return this
  }

  /**
   * Resolves when windows flow. When a part fails to start, those before it are stopped again.
   * @throws AUSCULT_BUNDLE, AUSCULT_DEVICE, AUSCULT_PORT_IN_USE, AUSCULT_STORE, AUSCULT_INPUT_MISSING, AUSCULT_CONFIG
   */
  async start(): Promise<void> {
    this.#starting ??= this.#start()
    await this.#starting
  }

  /** Closes the taps, drains, and lets go of everything within 10 s. May be called at any time, and more than once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #start(): Promise<() => Promise<void>> {
    const { logger } = this.#parts
    const { services, pipeline } = await this.#assemble()
    const stop = await startAll(services, this.#stopping.signal, GRACE_MS, (service, error) =>
      logger.error({ service, error: String(error) }, 'did not stop cleanly'),
    )
    pipeline.finished.then(this.#finished.resolve, this.#finished.reject)
    logger.info({ address: this.address, threshold: this.#threshold }, 'listening')
    return stop
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('the daemon stops'))
    try {
      const stop = await this.#starting
      await stop?.()
    } catch {
      // The start failed and has cleaned up; its caller has the error.
    }
    this.#finished.resolve()
  }

  async #assemble(): Promise<{ services: Service[]; pipeline: Pipeline }> {
    const { batch, scorer, detector, queue, sources } = this.#config
    const bundle = await bundleFolder(this.#config)
    const { logger, clock = systemClock, feeds = () => [] } = this.#parts
    const read = this.#parts.readBundle ? undefined : await readBundle(bundle)
    const contents: AnalysedBundle = read ?? (await this.#parts.readBundle!(bundle))
    const { manifest, calibration } = contents
    this.#threshold = resolveThreshold(calibration, detector.threshold)
    const spec = windowSpec(bundle, manifest, this.#config.window)
    const store = new EventStore(this.#config.store, clock, logger)
    const analysis: Analysis = new Analysis(this.#config, contents, {
      store,
      spec,
      explain: window => pool.explain(window),
      pipeline: () => pipeline,
      clock,
      logger,
    })
    const kafka = kafkaSinks(this.#config.sinks.kafka, { store, clock, logger })
    const webhooks = new Webhooks(this.#config.sinks.webhooks ?? {}, {
      ...{ store, publicUrl: this.#config.http.public_url, clock, logger },
    })
    const metrics = new Metrics(
      { version: VERSION, node: process.version, bundle: manifest.name, created: Date.parse(manifest.created) },
      this.#config.metrics,
    )
    store.onWritten = seconds => metrics.path.appended(seconds)
    const info = () => this.#info(manifest, spec)
    const components = () => ({
      ...this.#components(store, kafka, pool, pipeline),
      ...webhooks.components(),
      ...analysis.components(),
    })
    const status = () =>
      statusOf({
        sources: () => pipeline.sources(),
        components,
        clients: () => hub.clients,
        recent: metrics.path.recent,
        scorer: () => pool,
        clock,
      })
    const hub: WebSocketHub = new WebSocketHub({
      config: this.#config.websocket,
      hello: info,
      history: store,
      views: analysis.views,
      status,
      clock,
    })
    const scores = new RecentScores()
    const loader = this.#parts.scorerModule ?? moduleUrl('./model/bundle-scorer', import.meta.url).href
    const { workers, ...engine } = scorer
    const pool = new ScorerPool({
      loader,
      bundle,
      contents: read && forScoring(read),
      engine,
      workers,
      batch: batch.max,
      logger,
    })
    const configured = Object.entries(sources).map(([name, source]) => createSource(name, source, spec, clock, logger))
    const all = [...configured, ...feeds(spec)]
    if (all.length === 0) throw noSource()
    if (this.#config.store.path === null && configured.some(source => source.resumable)) throw nowhereDurable()
    const pipeline: Pipeline = new Pipeline({
      feeds: all,
      capacity: capacityOf(queue, all.length, sizeOfShape(spec.shape)),
      batch,
      judge: (source, replays) => analysis.judge(source, replays),
      analysts: analysis.analysts,
      duration: spec.sampleRate === null ? 0 : spec.shape[0] / spec.sampleRate,
      pool,
      store,
      scoreLog: kafka.scoreLog,
      sinks: [hub, scores, this.#emitter(), eventLogger(logger), ...kafka.sinks, ...webhooks.sinks],
      telemetry: metrics.path,
      clock,
      logger,
    })
    const routes = apiRoutes({
      components,
      sources: () => pipeline.sources(),
      status,
      store,
      decisions: analysis.decisions,
      clusters: analysis.clusters,
      evidence: analysis.evidence ?? noEvidence,
      map: analysis.map,
      scores,
      webhooks,
      info,
      metrics: async () => ({
        type: metrics.contentType,
        body: await metrics.render(() => ({
          sources: pipeline.sources(),
          components: components(),
          store: store.size,
          websocket: { clients: hub.clients, ...hub.counts },
          webhooks: webhooks.list(),
          kafkaLag: kafka.lag(),
          workerRestarts: pool.restarts,
          scorer: pool,
          ...analysis.counts(),
        })),
      }),
    })
    const page = fileURLToPath(new URL('../dashboards/live', import.meta.url))
    const upgrades = { '/v1/stream': hub.upgrade.bind(hub) }
    const http = new HttpServer({ ...this.#config.http, routes, upgrades, page, logger })
    this.#http = http
    this.#pipeline = pipeline
    this.#decisions = analysis.decisions
    const evidence = analysis.evidence ? [analysis.evidence] : []
    const sinks = [...kafka.services, ...webhooks.sinks]
    const services = [store, ...sinks, pool, ...analysis.services, http, hub, ...evidence, pipeline]
    return { services, pipeline }
  }

  /** The part of `/v1/info` and of the WebSocket's `hello`. */
  #info(manifest: Manifest, spec: WindowSpec): object {
    return {
      name: manifest.name,
      version: VERSION,
      threshold: this.#threshold,
      window: {
        shape: spec.shape,
        sample_rate: spec.sampleRate,
        hop_seconds: spec.sampleRate === null ? null : spec.hop / spec.sampleRate,
      },
      sources: this.sources().map(source => source.name),
    }
  }

  #components(
    store: EventStore,
    kafka: KafkaSinks,
    pool: ScorerPool,
    pipeline: Pipeline,
  ): Record<string, ComponentStatus> {
    const stopping = this.#stopping.signal.aborted
    const sources = pipeline.sources().flatMap(({ name, state, reason }) => {
      const ok = state === 'running' || state === 'ended' || state === 'handed_over'
      // The keys of a feed share its health: they are named only in trouble of their own.
      if (ok && name.includes('/')) return []
      const status: ComponentStatus = { ok, reason: reason ?? state }
      return [[`source ${name}`, status] as const]
    })
    return {
      daemon: { ok: !stopping, reason: stopping ? 'stopping' : 'running' },
      store: store.status(),
      ...Object.fromEntries(kafka.services.map(service => [service.name, service.status()])),
      scorer: pool.status(),
      ...Object.fromEntries(sources),
    }
  }

  #emitter(): Sink {
    const listeners = this.#listeners
    return {
      get wantsScores() {
        return listeners.listenerCount('score') > 0
      },
      score: score => void listeners.emit('score', score),
      event: (event, seq) => {
        listeners.emit('event', event, seq)
        if ('episode' in event) listeners.emit('episode', event)
        else if ('condition' in event) listeners.emit('source', event)
      },
    }
  }
}

/** Without what scoring does not look at: each thread has a copy. */
const forScoring = ({ clusters, map, ...bundle }: Bundle): Bundle =>
  checkFrontEnd({ ...bundle, latents: new Float32Array(0) })

/** Windows as the bundle wants them, hop as the configuration says. */
function windowSpec(
  bundle: string,
  { window, input = {} }: Manifest,
  { overlap, hop_seconds }: DaemonConfig['window'],
): WindowSpec {
  const { shape, sample_rate: sampleRate } = window
  const hop = hop_seconds === null || sampleRate === null ? shape[0] * (1 - overlap) : hop_seconds * sampleRate
  const format = checkConfig(input, inputFormatSchema, `${bundle}: input`)
  return { shape, sampleRate, hop: Math.max(1, Math.round(hop)), format }
}

const noEvidence = { read: async () => undefined, clip: async () => undefined }

function nowhereDurable(): AuscultError {
  const remedy =
    'Set store.path to a database file: Kafka is told of what was scored only after the events are on the disk.'
  return new AuscultError('AUSCULT_CONFIG', 'a Kafka source needs a store that lasts', { at: 'store.path', remedy })
}

function noSource(): AuscultError {
  const remedy = 'Name at least one source; `auscult config run` prints a sample.'
  return new AuscultError('AUSCULT_CONFIG', 'there is nothing to listen to', { at: 'sources', remedy })
}
