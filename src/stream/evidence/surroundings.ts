import type { KeptWindow } from './window-memory.ts'

/** The score of a window at its time, ms since the epoch. */
export interface ScoreMark {
  readonly time: number
  readonly score: number
}

/** Scores that are shown to each side of the worst. */
export const MARKS = 20

/** The worst window of a run with those before it, and those after it as they come. Holds its windows until it is released. */
export class Surroundings {
  readonly peak: KeptWindow
  readonly marks: ScoreMark[]
  readonly #windows: KeptWindow[]
  readonly #lastMark: number
  #wanted: number

  /**
   * @param before windows, the oldest first @param marks scores before the peak's, and it
   * @param after how many windows to wait for
   */
  constructor(peak: KeptWindow, before: readonly KeptWindow[], marks: readonly ScoreMark[], after: number) {
    this.peak = peak
    this.marks = [...marks]
    this.#windows = [...before, peak].map(window => window.hold())
    this.#lastMark = marks.length + MARKS
    this.#wanted = after
  }

  /** In order of their coming. */
  get windows(): readonly KeptWindow[] {
    return this.#windows
  }

  /** Whether it waits for windows. */
  get wantsWindows(): boolean {
    return this.#wanted > 0
  }

  /** Whether it waits for windows or scores. */
  get isGrowing(): boolean {
    return this.#wanted > 0 || this.marks.length < this.#lastMark
  }

  /** Takes the next window of the source; undefined when there was no room for it. */
  follow(window: KeptWindow | undefined, mark: ScoreMark): void {
    if (this.marks.length < this.#lastMark) this.marks.push(mark)
    if (this.#wanted === 0) return
    this.#wanted--
    if (window) this.#windows.push(window.hold())
  }

  /** Lets go of the windows. */
  release(): void {
    this.#wanted = 0
    for (const window of this.#windows.splice(0)) window.release()
  }
}
