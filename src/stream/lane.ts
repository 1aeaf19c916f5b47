import { messageOf } from '../errors.ts'
import type { Delivery } from '../types.ts'
import { type Deferred, deferred } from './deferred.ts'
import type { Detector } from './detector.ts'
import type { Feed } from './feed.ts'
import { Ring } from './ring.ts'
import type { SourceState } from './telemetry.ts'

/** A window on its way, with the lane it belongs to. */
export interface Item {
  readonly lane: Lane
  readonly delivery: Delivery
  /** `performance.now()` when it came. */
  readonly receivedAt: number
}

/** The way of one source through the pipeline: where its windows wait, and what is known of it. */
export class Lane {
  readonly feed: Feed
  readonly ring: Ring<Item>
  readonly detector: Detector
  state: SourceState = 'waiting'
  error: unknown
  score: number | undefined
  episodes = 0
  /** No more windows will come. */
  tapClosed = false
  finishing = false
  /** Resolves when the feed has ended and all that it gave is settled and durable. */
  readonly done: Deferred<void> = deferred()
  #room: Deferred<void> | undefined

  constructor(feed: Feed, capacity: number, detector: Detector) {
    this.feed = feed
    this.ring = new Ring(capacity)
    this.detector = detector
  }

  get name(): string {
    return this.feed.name
  }

  /** The state as others see it, with its reason where it is not well. */
  get condition(): { state: SourceState; reason?: string } {
    const health = this.state === 'running' ? this.feed.health?.() : undefined
    if (health && !health.ok) return { state: 'down', reason: health.reason ?? 'the source is down' }
    return { state: this.state, ...(this.error !== undefined && { reason: messageOf(this.error) }) }
  }

  /** Resolves at the next `freed`. One waiter: the pump of this lane. */
  room(): Promise<void> {
    this.#room ??= deferred()
    return this.#room.promise
  }

  /** Wakes the pump that waits for room. */
  freed(): void {
    this.#room?.resolve()
    this.#room = undefined
  }
}
