import { type Deferred, deferred } from './deferred.ts'
import type { Feed } from './feed.ts'
import type { Item, Lane } from './lane.ts'
import { Ring } from './ring.ts'

export type TapState = 'waiting' | 'running' | 'ended' | 'failed' | 'stopped'

/** Where a feed flows into the pipeline: a bounded ring that all sources of the feed share, and a lane for each of them. */
export class Tap {
  readonly feed: Feed
  readonly ring: Ring<Item>
  /** By source: the feed's own name, or `name/key`. */
  readonly lanes = new Map<string, Lane>()
  state: TapState = 'waiting'
  error: unknown
  /** No more windows will come. */
  closed = false
  /** Resolves when the feed has ended and all that it gave is settled and durable. */
  readonly done: Deferred<void> = deferred()
  #room: Deferred<void> | undefined

  constructor(feed: Feed, capacity: number) {
    this.feed = feed
    this.ring = new Ring(capacity)
  }

  get name(): string {
    return this.feed.name
  }

  /** Whether the source is one of this feed's. */
  owns(source: string): boolean {
    return source === this.name || source.startsWith(`${this.name}/`)
  }

  /** Resolves at the next `freed`. One waiter: the pump of this tap. */
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
