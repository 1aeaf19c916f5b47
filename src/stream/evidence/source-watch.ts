import type { Score } from '../../types.ts'
import { MARKS, type ScoreMark, Surroundings } from './surroundings.ts'
import { KeptWindow, type WindowMemory } from './window-memory.ts'

/** Anomalous windows that follow each other. Whether they belong to an episode, the detector says later. */
export interface Streak {
  /** End of its first window, ms since the epoch. */
  readonly firstEnd: number
  /** Of its worst window so far, or of a worse one that is known of its episode already. */
  peakScore: number
  /** Undefined when there was no room, or an episode has taken it. */
  around: Surroundings | undefined
  ended: boolean
  /** A window that would have been the worst found no room. */
  lost: boolean
}

export interface WatchOptions {
  readonly memory: WindowMemory
  readonly before: number
  readonly after: number
}

/** The last windows of one source, and the worst of each streak with what surrounds it. */
export class SourceWatch {
  /** Those that no episode has taken, the oldest first; the last may go on. */
  streaks: Streak[] = []
  /** When the last window came, by the clock. */
  seenAt = 0
  readonly #options: WatchOptions
  readonly #recent: KeptWindow[] = []
  readonly #marks: ScoreMark[] = []
  #growing: Surroundings[] = []

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** Whether nothing of it is in use. */
  get isIdle(): boolean {
    return this.streaks.length === 0 && this.#growing.length === 0
  }

  /** @param context windows before this one that may be kept, at most `before` */
  observe(score: Score, window: Float32Array, context: number): void {
    const mark = { time: score.time, score: score.score }
    const streak = this.#streakOf(score)
    const isWorst = streak !== undefined && score.score > streak.peakScore
    const isWanted = isWorst || context > 0 || this.#growing.some(({ wantsWindows }) => wantsWindows)
    const kept = isWanted ? this.#keep(score, window, isWorst) : undefined
    for (const around of this.#growing) around.follow(kept, mark)
    this.#growing = this.#growing.filter(({ isGrowing }) => isGrowing)
    if (this.#marks.push(mark) > MARKS + 1) this.#marks.shift()
    if (isWorst) this.#rise(streak, score, kept)
    this.#remember(kept, context)
  }

  /** Gives an unfinished one up. */
  forget(around: Surroundings | undefined): void {
    if (!around) return
    this.#growing = this.#growing.filter(other => other !== around)
    around.release()
  }

  /** Lets go of everything but what episodes have taken. */
  clear(): void {
    for (const { around } of this.streaks.splice(0)) this.forget(around)
    for (const window of this.#recent.splice(0)) window.release()
  }

  #streakOf({ anomalous, time, duration }: Score): Streak | undefined {
    const last = this.streaks.at(-1)
    if (!anomalous) {
      if (last) last.ended = true
      return undefined
    }
    if (last && !last.ended) return last
    const firstEnd = time + duration * 1000
    const streak: Streak = {
      firstEnd,
      peakScore: Number.NEGATIVE_INFINITY,
      around: undefined,
      ended: false,
      lost: false,
    }
    this.streaks.push(streak)
    return streak
  }

  #keep(score: Score, window: Float32Array, isWorst: boolean): KeptWindow | undefined {
    const { memory } = this.#options
    const data = memory.keep(window, isWorst)
    return data && new KeptWindow(score, data, memory)
  }

  #rise(streak: Streak, { score }: Score, kept: KeptWindow | undefined): void {
    if (!kept) {
      streak.lost = true
      return
    }
    this.forget(streak.around)
    streak.peakScore = score
    streak.around = new Surroundings(kept, this.#recent, this.#marks, this.#options.after)
    this.#growing.push(streak.around)
  }

  #remember(kept: KeptWindow | undefined, context: number): void {
    if (kept && context > 0) this.#recent.push(kept.hold())
    kept?.release()
    while (this.#recent.length > context) this.#recent.shift()!.release()
  }
}
