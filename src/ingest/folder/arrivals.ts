/** A file of a folder as it was found. */
export interface FoundFile {
  /** Path inside the folder, with `/`. */
  readonly name: string
  readonly size: number
  /** Last change, ms since the epoch. */
  readonly mtimeMs: number
}

interface Watched extends FoundFile {
  /** Place in the order of arrival. */
  readonly order: number
  /** When its size or time of change was last seen to differ, ms. */
  readonly since: number
}

/** Tells which files of a folder are complete: those whose size and time of change have stayed the same for a while. */
export class Arrivals {
  readonly #settleMs: number
  readonly #watched = new Map<string, Watched>()
  #arrived = 0

  constructor(settleMs: number) {
    this.#settleMs = settleMs
  }

  /**
   * @param files the folder as it is now, without what has been taken
   * @returns the complete files in the order in which they were first seen (those seen together, in the order of their last change)
   */
  update(files: readonly FoundFile[], now: number): FoundFile[] {
    const names = new Set(files.map(file => file.name))
    for (const name of this.#watched.keys()) if (!names.has(name)) this.#watched.delete(name)
    for (const file of [...files].sort(byChange)) this.#see(file, now)
    return [...this.#watched.values()].filter(file => this.#settles(file) <= now).sort((a, b) => a.order - b.order)
  }

  /** When the next file may be complete; undefined when none is awaited. */
  get nextSettles(): number | undefined {
    const times = [...this.#watched.values()].map(file => this.#settles(file))
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Stops watching a file that was taken. */
  take(name: string): void {
    this.#watched.delete(name)
  }

  #see(file: FoundFile, now: number): void {
    const known = this.#watched.get(file.name)
    if (known && known.size === file.size && known.mtimeMs === file.mtimeMs) return
    this.#watched.set(file.name, { ...file, order: known?.order ?? this.#arrived++, since: now })
  }

  #settles(file: Watched): number {
    return file.since + this.#settleMs
  }
}

const byChange = (a: FoundFile, b: FoundFile): number => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1)
