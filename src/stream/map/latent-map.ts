import type { Clock } from '../../clock.ts'
import type { Service } from '../../lifecycle.ts'
import type { Logger } from '../../logger.ts'
import type { Bundle } from '../../model/bundle.ts'
import type { AuscultEvent, EpisodeEvent, Score } from '../../types.ts'
import type { Analyst, ComponentStatus } from '../telemetry.ts'
import { Admission } from './admission.ts'
import type { MapConfig } from './config.ts'
import type { TrainingMap } from './map-protocol.ts'
import { MapThread, type Placed } from './map-thread.ts'
import { rowsOf } from './training-map.ts'

/** A window on the map, as `/v1/map/points` gives it. */
export interface PlacedPoint {
  /** Rises, also over restarts. */
  readonly seq: number
  readonly source: string
  /** Id of the window. */
  readonly window: string
  /** Of its first sample, ms since the epoch. */
  readonly time: number
  readonly score: number
  readonly anomalous: boolean
  /** The cluster that it fell to. */
  readonly cluster?: number
  /** `[2]`, on the map. */
  readonly place: readonly number[]
  /** `[3]`, along the principal components. */
  readonly pca: readonly number[]
}

type Point = Omit<PlacedPoint, 'seq' | 'place' | 'pca'>

interface Waiting {
  readonly point: Point
  readonly latent: Float32Array
}

export interface LatentMapOptions {
  readonly config: MapConfig
  readonly bundle: Pick<Bundle, 'manifest' | 'latents' | 'map'>
  /** The cluster that a window fell to, where that is known. */
  readonly clusterOf?: (score: Score) => number | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** Newest places that are kept. */
const KEPT = 2000
/** Latents that wait for the thread at most, those that it has included. */
const MOST_PENDING = 128
const NONE: readonly AuscultEvent[] = []

/** Places new latents on the map of the training, in a thread of its own and not more of them than configured. */
export class LatentMap implements Service, Analyst {
  readonly name = 'map'
  readonly #options: LatentMapOptions
  readonly #thread: MapThread
  readonly #admission: Admission
  readonly #isOn: boolean
  readonly #points: PlacedPoint[] = []
  #map: TrainingMap | undefined
  #waiting: Waiting[] = []
  #inFlight: Waiting[] = []
  #seq = 0
  #placed = 0
  #skipped = 0

  constructor(options: LatentMapOptions) {
    this.#options = options
    const { bundle, config, logger } = options
    this.#admission = new Admission(config.rate)
    this.#isOn = config.enabled && bundle.latents.length > 0
    this.#thread = new MapThread({
      map: bundle.map,
      latents: bundle.latents,
      dimensions: bundle.manifest.latent_size,
      onReady: map => {
        this.#map = map
        this.#send()
      },
      onPlaced: placed => this.#keep(placed),
      onDeath: () => {
        this.#giveUp(this.#inFlight.splice(0))
        if (this.#thread.hasGivenUp) this.#giveUp(this.#waiting.splice(0))
      },
      logger,
    })
  }

  /** Windows that were placed since start. */
  get placed(): number {
    return this.#placed
  }

  /** Windows that were not: beyond the rate, or because the thread could not take them. */
  get skipped(): number {
    return this.#skipped
  }

  /** Windows that wait to be placed. */
  get pending(): number {
    return this.#waiting.length + this.#inFlight.length
  }

  /** Does not wait for the thread: nothing depends on the map. */
  async start(): Promise<void> {
    this.#seq = this.#options.clock.now()
    if (this.#isOn) this.#thread.start()
  }

  async stop(): Promise<void> {
    await this.#thread.stop()
  }

  status(): ComponentStatus {
    if (!this.#isOn) return { ok: true, reason: 'off' }
    const { reason, hasGivenUp } = this.#thread
    // Nothing depends on the map.
    return { ok: true, reason: hasGivenUp ? `given up: ${reason}` : (reason ?? `${this.#placed} windows placed`) }
  }

  observe(score: Score): readonly AuscultEvent[] {
    if (!this.#isOn) return NONE
    const { clock, clusterOf } = this.#options
    const { source, anomalous, latent } = score
    const isPlaced =
      this.pending < MOST_PENDING &&
      !this.#thread.hasGivenUp &&
      latent.length === this.#options.bundle.manifest.latent_size &&
      latent.every(Number.isFinite) &&
      this.#admission.take(source, anomalous, clock.now())
    if (!isPlaced) {
      this.#skipped++
      return NONE
    }
    const cluster = clusterOf?.(score)
    const { id: window, time } = score
    const point = { source, window, time, score: score.score, anomalous, ...(cluster !== undefined && { cluster }) }
    this.#waiting.push({ point, latent: latent.slice() })
    this.#send()
    return NONE
  }

  complete(event: EpisodeEvent): EpisodeEvent {
    return event
  }

  /** The map of the training; undefined before the thread has it, and where there is none. */
  json(): TrainingMap | undefined {
    return this.#map
  }

  /** The newest 2,000 places, oldest first. @param after only those with a higher `seq` */
  points({ after = 0, limit }: { readonly after?: number; readonly limit: number }): readonly PlacedPoint[] {
    const from = this.#points.findIndex(({ seq }) => seq > after)
    return from < 0 ? [] : this.#points.slice(from, from + limit)
  }

  #giveUp(lost: readonly Waiting[]): void {
    this.#skipped += lost.length
  }

  /** One batch at a time: what comes while the thread works is the next. */
  #send(): void {
    if (this.#thread.reason !== undefined || this.#inFlight.length > 0 || this.#waiting.length === 0) return
    const batch = this.#waiting
    this.#waiting = []
    this.#inFlight = batch
    const width = this.#options.bundle.manifest.latent_size
    const latents = new Float32Array(batch.length * width)
    for (const [i, { latent }] of batch.entries()) latents.set(latent, i * width)
    this.#thread.place(latents)
  }

  #keep({ places, pca }: Placed): void {
    const inSpace = rowsOf(pca, 3)
    for (const [i, place] of rowsOf(places, 2).entries()) {
      this.#points.push({ seq: ++this.#seq, ...this.#inFlight[i].point, place, pca: inSpace[i] })
    }
    if (this.#points.length > KEPT) this.#points.splice(0, this.#points.length - KEPT)
    this.#placed += this.#inFlight.length
    this.#inFlight = []
    this.#send()
  }
}
