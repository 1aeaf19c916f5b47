import { messageOf } from '../errors.ts'
import type { AuscultEvent, Delivery, Episode, Score, SourceCondition } from '../types.ts'
import type { Deferred } from './deferred.ts'
import type { Judge } from './judge.ts'
import type { Tap } from './tap.ts'
import type { SourceState } from './telemetry.ts'

/** A window on its way, with the lane it belongs to. */
export interface Item {
  readonly lane: Lane
  readonly delivery: Delivery
  /** `performance.now()` when it came. */
  readonly receivedAt: number
}

/** The way of one source through the pipeline, and what is known of it. */
export class Lane {
  readonly name: string
  readonly tap: Tap
  readonly judge: Judge
  score: number | undefined
  episodes = 0
  /** Of these, those that were muted. */
  mutedEpisodes = 0
  /** The open episode, as it was stored last. */
  open: Episode | undefined
  gaps = 0
  late = 0
  restarts = 0
  lag: number | undefined
  /** When the latest window came, ms since the epoch. */
  lastWindowAt: number | undefined
  /** Windows in the tap's ring. */
  queued = 0
  /** Latest time of a window, ms since the epoch. */
  newest = Number.NEGATIVE_INFINITY
  /** What is wrong with the source now. */
  readonly conditions = new Map<SourceCondition, string>()
  /** Of a resumable feed: scored windows whose acknowledgement waits for the detector to decide. */
  held: Delivery[] = []
  /** A window has come since the start. */
  started = false
  /** Set while another process is to take over: resolves when everything is settled and durable. */
  leaving: Deferred<void> | undefined
  /** Another process has it now. */
  away = false
  /** Its last events are on their way to the disk. */
  finishing = false
  finished = false

  constructor(name: string, tap: Tap, judge: Judge) {
    this.name = name
    this.tap = tap
    this.judge = judge
  }

  /** A window was scored and judged. */
  scored({ score, events }: { readonly score: Score; readonly events: readonly AuscultEvent[] }): void {
    if (score.late) this.late++
    else this.newest = score.time
    this.score = score.score
    for (const event of events) if (event.type === 'episode.opened') this.episodes++
  }

  /** The open episode as it is stored. */
  keep(episode: Episode): void {
    const wasMuted = this.open?.id === episode.id && this.open.muted !== undefined
    if (episode.muted && !wasMuted) this.mutedEpisodes++
    this.open = episode
  }

  /** The state as others see it, with its reason where it is not well. */
  get condition(): { state: SourceState; reason?: string } {
    const { state, error, lanes, name } = this.tap
    if (state === 'running' && this.away) return { state: 'handed_over' }
    const reason = this.conditions.get('down') ?? lanes.get(name)?.conditions.get('down')
    if (state === 'running' && reason !== undefined) return { state: 'down', reason }
    return { state, ...(error !== undefined && { reason: messageOf(error) }) }
  }
}
