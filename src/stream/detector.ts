import { z } from '../config.ts'
import { thresholdSchema } from '../model/threshold.ts'
import type { CloseReason, Episode, EpisodeChange, EpisodeEvent, Score } from '../types.ts'

export const detectorSchema = z.strictObject({
  threshold: thresholdSchema.prefault({ policy: 'percentile' }),
  open_after: z.number().int().min(1).default(2).describe('Consecutive anomalous windows that open an episode'),
  close_after: z.number().int().min(1).default(3).describe('Consecutive normal windows that close it'),
  cooldown: z
    .number()
    .nonnegative()
    .default(0)
    .describe('Seconds of feed time after a close in which no episode opens; anomalous windows in it are suppressed'),
  update_every: z.number().nonnegative().default(1).describe('Least seconds of feed time between two updates'),
})

export type DetectorConfig = z.infer<typeof detectorSchema>
export type DetectorOptions = Omit<DetectorConfig, 'threshold'>

/** What others know of an episode. */
type Annotations = Pick<Episode, 'cluster' | 'explanation' | 'acknowledged' | 'muted'>

/** Anomalous windows that follow each other: an episode once `open_after` of them came. */
interface Run {
  readonly first: Pick<Score, 'id' | 'source' | 'stream' | 'offset' | 'time' | 'threshold'>
  lastAt: number
  windows: number
  sum: number
  peak: number
  opened: boolean
  updatedAt: number
  /** As they were when the episode was taken up again. */
  annotations?: Annotations
}

const NONE: readonly EpisodeEvent[] = []

/**
 * Turns the scores of one source, in order, into episodes. All times are feed time, so a replay at any speed gives the
 * same events with the same ids. Windows that were dropped or failed are not seen here and neither open nor close.
 */
export class Detector {
  /** Anomalous windows that opened nothing because of the cool-down. */
  suppressed = 0
  readonly #options: DetectorOptions
  #run: Run | undefined
  #normal = 0
  #quietUntil = Number.NEGATIVE_INFINITY
  #resumedAt: number | undefined

  constructor(options: DetectorOptions) {
    this.#options = options
  }

  /** Whether anomalous windows wait for more of them to become an episode. */
  get undecided(): boolean {
    return this.#run?.opened === false
  }

  get isOpen(): boolean {
    return this.#run?.opened === true
  }

  /** Goes on with an episode that an earlier process left open. Windows that it holds already are passed over. */
  resume(episode: Episode): void {
    this.#run = {
      first: { ...episode, time: episode.openedAt },
      lastAt: episode.lastAt,
      windows: episode.windows,
      sum: episode.meanScore * episode.windows,
      peak: episode.peakScore,
      opened: true,
      updatedAt: episode.lastAt,
      annotations: annotationsOf(episode),
    }
    this.#resumedAt = episode.lastAt
  }

  /**
   * Takes the next score of the source; returns what it changes.
   * @param hold an open episode goes on through normal windows, which are not counted in it
   */
  push(score: Score, hold = false): readonly EpisodeEvent[] {
    if (this.#resumedAt !== undefined) {
      if (score.time + score.duration * 1000 <= this.#resumedAt) return NONE
      this.#resumedAt = undefined
    }
    if (score.anomalous) return this.#anomalous(score)
    if (!hold || !this.isOpen) return this.#calm(score)
    this.#normal = 0
    return NONE
  }

  /** Ends the feed: closes what is open. */
  end(reason: CloseReason): readonly EpisodeEvent[] {
    const run = this.#run
    this.#run = undefined
    this.#normal = 0
    return run?.opened ? [event('closed', run, reason)] : NONE
  }

  #anomalous(score: Score): readonly EpisodeEvent[] {
    if (!this.#run && score.time < this.#quietUntil) {
      this.suppressed++
      return NONE
    }
    this.#normal = 0
    this.#run ??= start(score)
    const run = this.#run
    run.windows++
    run.sum += score.score
    run.peak = Math.max(run.peak, score.score)
    run.lastAt = Math.max(run.lastAt, score.time + score.duration * 1000)
    if (!run.opened) return run.windows < this.#options.open_after ? NONE : [this.#publish('opened', run, score)]
    const due = score.time - run.updatedAt >= this.#options.update_every * 1000
    return due ? [this.#publish('updated', run, score)] : NONE
  }

  #calm(score: Score): readonly EpisodeEvent[] {
    if (!this.#run) return NONE
    this.#normal++
    if (this.#run.opened && this.#normal < this.#options.close_after) return NONE
    if (this.#run.opened) this.#quietUntil = score.time + this.#options.cooldown * 1000
    return this.end('recovered')
  }

  #publish(change: EpisodeChange, run: Run, score: Score): EpisodeEvent {
    run.opened = true
    run.updatedAt = score.time
    return event(change, run)
  }
}

function start(first: Score): Run {
  return {
    first,
    lastAt: first.time,
    windows: 0,
    sum: 0,
    peak: Number.NEGATIVE_INFINITY,
    opened: false,
    updatedAt: first.time,
  }
}

function event(change: EpisodeChange, run: Run, reason?: CloseReason): EpisodeEvent {
  const detail = change === 'updated' ? `/${run.windows}` : ''
  return { type: `episode.${change}`, eventId: `${run.first.id}/${change}${detail}`, episode: describe(run, reason) }
}

function describe(run: Run, reason?: CloseReason): Episode {
  const { first, annotations } = run
  return {
    id: first.id,
    source: first.source,
    state: reason ? 'closed' : 'open',
    openedAt: first.time,
    lastAt: run.lastAt,
    ...(reason && { closedAt: run.lastAt, closeReason: reason }),
    stream: first.stream,
    offset: first.offset,
    windows: run.windows,
    peakScore: run.peak,
    meanScore: run.sum / run.windows,
    threshold: first.threshold,
    ...annotations,
  }
}

function annotationsOf({ cluster, explanation, acknowledged, muted }: Episode): Annotations {
  return {
    ...(cluster && { cluster }),
    ...(explanation && { explanation }),
    ...(acknowledged && { acknowledged }),
    ...(muted && { muted }),
  }
}
