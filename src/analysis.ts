import type { Clock } from './clock.ts'
import type { DaemonConfig } from './daemon-config.ts'
import { digestOf } from './digest.ts'
import { encodeClip } from './ingest/clip.ts'
import type { WindowSpec } from './ingest/source.ts'
import type { Service } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import type { Bundle } from './model/bundle.ts'
import { ResidualExplainer } from './model/explanation/explainer.ts'
import { sizeOf } from './model/frontends/frontend.ts'
import { BaselineKeeper } from './stream/baselines.ts'
import { ClusterKeeper } from './stream/clusters/cluster-keeper.ts'
import { Decisions } from './stream/decisions/decisions.ts'
import { Detector } from './stream/detector.ts'
import { EvidenceKeeper } from './stream/evidence/evidence-keeper.ts'
import { Judge } from './stream/judge.ts'
import { LiveView } from './stream/live-view/live-view.ts'
import { LatentMap } from './stream/map/latent-map.ts'
import type { MetricsState } from './stream/metrics.ts'
import type { Pipeline } from './stream/pipeline.ts'
import type { ScorerPool } from './stream/scorer-pool.ts'
import type { EventStore } from './stream/store/event-store.ts'
import type { Analyst, ComponentStatus } from './stream/telemetry.ts'

/** What of a bundle the analysis looks at. */
export type AnalysedBundle = Pick<Bundle, 'manifest' | 'calibration' | 'latents' | 'clusters' | 'map'>

export interface AnalysisParts {
  readonly store: EventStore
  readonly spec: WindowSpec
  /** What the model makes of a window. */
  readonly explain: ScorerPool['explain']
  readonly pipeline: () => Pipeline
  readonly clock: Clock
  readonly logger: Logger
}

/** What is made of scores: what is normal, what an episode is like, why it scored so, and what people decide. */
export class Analysis {
  readonly clusters: ClusterKeeper
  readonly decisions: Decisions
  readonly baselines: BaselineKeeper
  readonly map: LatentMap
  /** Windows as pictures, for those who look. */
  readonly views: LiveView
  /** Undefined where it is switched off. */
  readonly evidence: EvidenceKeeper | undefined
  readonly #config: DaemonConfig

  constructor(config: DaemonConfig, bundle: AnalysedBundle, parts: AnalysisParts) {
    const { store, spec, explain, pipeline, clock, logger } = parts
    const { clusters, drift, daily, recalibration, detector } = config
    const { manifest, calibration } = bundle
    const learning = { drift, daily, recalibration }
    this.#config = config
    this.clusters = new ClusterKeeper({ config: clusters, bundle, store, clock, logger })
    this.map = new LatentMap({ config: config.map, bundle, clusterOf: () => this.clusters.latest, clock, logger })
    const explainer = new ResidualExplainer(manifest)
    const windowSize = sizeOf(spec.shape)
    this.views = new LiveView({ windowSize, featureMap: () => explainer.map, explain, clock, logger })
    if (config.evidence.enabled) {
      this.evidence = new EvidenceKeeper({
        config: config.evidence,
        storePath: config.store.path,
        store,
        spec,
        explain,
        explainer,
        encodeClip,
        // What was said of the episode since must not be lost.
        publish: events =>
          pipeline().publish(events.map(event => ('episode' in event ? this.decisions.complete(event) : event))),
        clock,
        logger,
      })
    }
    this.decisions = new Decisions({
      config: config.decisions,
      store,
      publish: (events, state) => pipeline().publish(events, state),
      openEpisode: id => pipeline().openEpisode(id),
      clusters: this.clusters,
      calibration,
      policy: detector.threshold,
      recalibration,
      sources: () =>
        pipeline()
          .sources()
          .map(({ name }) => name),
      scoresOf: source => this.baselines.open(source).scores,
      rejudge: source => this.baselines.rejudge(source),
      clock,
      logger,
    })
    this.baselines = new BaselineKeeper({
      options: learning,
      policyOf: source => this.decisions.policyOf(source),
      calibrationOf: source => this.decisions.calibrationOf(source),
      key: digestOf([manifest, learning]),
      store,
      clock,
      logger,
    })
  }

  /** In the order in which they start: baselines go on by what was decided. Evidence is apart, since it is written after the last window. */
  get services(): readonly Service[] {
    return [this.clusters, this.map, this.decisions, this.baselines]
  }

  /** In the order in which they complete episodes. */
  get analysts(): readonly Analyst[] {
    return [this.clusters, this.map, ...(this.evidence ? [this.evidence] : []), this.decisions, this.views]
  }

  /** As `/readyz` shows it. */
  components(): Record<string, ComponentStatus> {
    const parts = [this.clusters, this.map, this.decisions, this.baselines]
    return Object.fromEntries(parts.map(part => [part.name, part.status()]))
  }

  /** For metrics. */
  counts(): Pick<MetricsState, 'clusters' | 'evidence' | 'map' | 'mutes' | 'views'> {
    const none = { explained: 0, failed: 0, skipped: 0, bytes: 0 }
    const { clusters, map, evidence = none, decisions, views } = this
    return { clusters, map, evidence, views, mutes: decisions.mutes().length }
  }

  /** Decides on the scores of a source. */
  judge(source: string, replays: boolean): Judge {
    return new Judge(this.baselines.open(source, replays), new Detector(this.#config.detector))
  }
}
