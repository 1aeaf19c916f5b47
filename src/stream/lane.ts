import { messageOf } from '../errors.ts'
import type { Threshold } from '../model/threshold.ts'
import type { Delivery, SourceCondition } from '../types.ts'
import type { Deferred } from './deferred.ts'
import type { Detector } from './detector.ts'
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
  readonly detector: Detector
  readonly threshold: Threshold
  score: number | undefined
  episodes = 0
  gaps = 0
  late = 0
  restarts = 0
  lag: number | undefined
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

  constructor(name: string, tap: Tap, detector: Detector, threshold: Threshold) {
    this.name = name
    this.tap = tap
    this.detector = detector
    this.threshold = threshold
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
