import { createHash } from 'node:crypto'
import type { Clock } from './clock.ts'
import type { DaemonConfig } from './daemon-config.ts'
import type { Service } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import type { Bundle } from './model/bundle.ts'
import { BaselineKeeper } from './stream/baselines.ts'
import { ClusterKeeper } from './stream/clusters/cluster-keeper.ts'
import { Decisions } from './stream/decisions/decisions.ts'
import { Detector } from './stream/detector.ts'
import { Judge } from './stream/judge.ts'
import type { Pipeline } from './stream/pipeline.ts'
import type { EventStore } from './stream/store/event-store.ts'
import type { Analyst } from './stream/telemetry.ts'

/** What of a bundle the analysis looks at. */
export type AnalysedBundle = Pick<Bundle, 'manifest' | 'calibration' | 'latents' | 'clusters' | 'map'>

export interface AnalysisParts {
  readonly store: EventStore
  readonly pipeline: () => Pipeline
  readonly clock: Clock
  readonly logger: Logger
}

/** What is made of scores: what is normal, what an episode is like, why it scored so, and what people decide. */
export class Analysis {
  readonly clusters: ClusterKeeper
  readonly decisions: Decisions
  readonly baselines: BaselineKeeper
  readonly #config: DaemonConfig

  constructor(config: DaemonConfig, bundle: AnalysedBundle, { store, pipeline, clock, logger }: AnalysisParts) {
    const { clusters, drift, daily, recalibration, detector } = config
    const { manifest, calibration } = bundle
    const learning = { drift, daily, recalibration }
    this.#config = config
    this.clusters = new ClusterKeeper({ config: clusters, bundle, store, clock, logger })
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
      key: hashOf([manifest, learning]),
      store,
      clock,
      logger,
    })
  }

  /** In the order in which they start: baselines go on by what was decided. */
  get services(): readonly Service[] {
    return [this.clusters, this.decisions, this.baselines]
  }

  /** In the order in which they complete episodes. */
  get analysts(): readonly Analyst[] {
    return [this.clusters, this.decisions]
  }

  /** Decides on the scores of a source. */
  judge(source: string, replays: boolean): Judge {
    return new Judge(this.baselines.open(source, replays), new Detector(this.#config.detector))
  }
}

/** Names what a state was learnt with. */
const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
