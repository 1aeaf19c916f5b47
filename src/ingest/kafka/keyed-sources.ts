import { keyLabel } from './key-label.ts'

/** A source that messages of one key make. */
export interface KeyedSource {
  /** `name/label`, or the feed's own name for messages without a key. */
  readonly source: string
  /** Index of its next window. */
  index: number
}

interface Entry extends KeyedSource {
  /** Topics and partitions that it was seen on. */
  readonly places: Set<string>
}

/** The sources of a feed by message key: so many at most, counted over the partitions that this process reads now. */
export class KeyedSources {
  readonly #name: string
  readonly #most: number
  readonly #own: Entry
  /** By the bytes of the key, one character each. */
  readonly #entries = new Map<string, Entry>()

  constructor(name: string, most: number) {
    this.#name = name
    this.#most = most
    this.#own = { source: name, index: 0, places: new Set() }
  }

  /** The source of a key on a partition; undefined for a new key when there are too many. */
  of(key: Buffer | null, place: string): KeyedSource | undefined {
    const entry = key === null ? this.#own : this.#keyed(key)
    entry?.places.add(place)
    return entry
  }

  /** This process reads a partition no longer. @returns the sources that are on no other one, now forgotten */
  leave(place: string): string[] {
    const gone: string[] = []
    const left = (entry: Entry) => entry.places.delete(place) && entry.places.size === 0
    if (left(this.#own)) gone.push(this.#own.source)
    for (const [key, entry] of this.#entries) {
      if (!left(entry)) continue
      this.#entries.delete(key)
      gone.push(entry.source)
    }
    return gone
  }

  #keyed(key: Buffer): Entry | undefined {
    const bytes = key.toString('latin1')
    const known = this.#entries.get(bytes)
    if (known || this.#entries.size >= this.#most) return known
    const entry: Entry = { source: `${this.#name}/${keyLabel(key)}`, index: 0, places: new Set() }
    this.#entries.set(bytes, entry)
    return entry
  }
}
