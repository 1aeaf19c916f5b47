import type { Score } from '../../types.ts'
import type { WindowMemory } from '../evidence/window-memory.ts'
import { ValueRange } from './value-range.ts'
import type { ViewMessage } from './view-message.ts'

/** Windows of one source that wait at most, so that the pictures of a source that delivers in bursts follow one another. */
const DEPTH = 4

export interface Watcher {
  readonly listener: (view: ViewMessage) => void
  /** Whether it has had the first message. */
  isGreeted: boolean
}

interface Waiting {
  readonly score: Score
  readonly window: Float32Array
}

/** One source that somebody looks at: its newest windows, until they are made into pictures. */
export class Watch {
  readonly watchers = new Set<Watcher>()
  readonly range = new ValueRange()
  /** Windows that were not shown since the last picture. */
  skipped = 0
  /** When its last picture was asked for, ms. */
  askedAt = Number.NEGATIVE_INFINITY
  readonly #memory: WindowMemory
  readonly #span: number
  readonly #waiting: Waiting[] = []
  /** Time of the window that was taken last, ms. */
  #takenAt = Number.NEGATIVE_INFINITY

  /** @param span milliseconds that a picture shows; 0 where it has no time */
  constructor(memory: WindowMemory, span: number) {
    this.#memory = memory
    this.#span = span
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Copies a window; where there is no room one that waits gives way. @returns how many are not shown because of it */
  push(score: Score, window: Float32Array): number {
    const copy = this.#waiting.length < DEPTH ? this.#memory.keep(window, true) : undefined
    if (copy) {
      this.#waiting.push({ score, window: copy })
      return 0
    }
    const [given] = this.#waiting.splice(this.#dispensable(score), 1)
    if (given) {
      given.window.set(window)
      this.#waiting.push({ score, window: given.window })
    }
    this.skipped++
    return 1
  }

  /** The first of those that wait whose time the pictures before and after it show, so that nothing is missing without it; or the oldest. */
  #dispensable(coming: Score): number {
    const times = [this.#takenAt, ...this.#waiting.map(({ score }) => score.time), coming.time]
    const found = this.#waiting.findIndex((_, i) => times[i + 2] - times[i] <= this.#span)
    return Math.max(0, found)
  }

  /** The window that has waited longest; the caller gives its array back. */
  shift(): Waiting | undefined {
    const next = this.#waiting.shift()
    if (next) this.#takenAt = next.score.time
    return next
  }

  /** Lets go of what waits. */
  clear(): void {
    for (const { window } of this.#waiting.splice(0)) this.#memory.giveBack(window)
  }

  /** @param axes what only the first message to each has */
  tell(view: ViewMessage, axes: NonNullable<ViewMessage['axes']>): void {
    const first = { ...view, axes }
    for (const watcher of this.watchers) {
      const { isGreeted, listener } = watcher
      watcher.isGreeted = true
      listener(isGreeted ? view : first)
    }
  }
}
