import type { Score } from '../types.ts'
import type { Sink } from './telemetry.ts'

/** One window, or the worst of several that follow one another. */
export interface RecentScore {
  /** Of the worst window, ms since the epoch. */
  readonly time: number
  /** Of the worst window, seconds. */
  readonly duration: number
  readonly score: number
  readonly threshold: number
  readonly anomalous: boolean
  /** How many it stands for. */
  readonly windows: number
}

export interface RecentQuery {
  /** Feed time before (and, where windows came late, after) the latest window. */
  readonly seconds: number
  /** Most entries of the answer. */
  readonly points: number
}

const FIELDS = 6
const LEVELS = 6
/** Entries of one level: at two windows a second the first is two minutes in full, all six are more than two hours. */
const LEVEL_ENTRIES = 256
/** Of all sources together: 24 MB. With many sources the levels are shorter: 384 entries of each of a thousand, half an hour. */
const MOST_ENTRIES = 500_000
/** So many sources are known; above that the one that was silent for longest is forgotten. */
const MOST_SOURCES = 4096

/**
 * The latest scores of each source, in bounded memory: the older, the coarser. What is full hands its two oldest entries on as one, the
 * worse of both, to a level that lasts twice as long. An anomalous window is never hidden by one that is not.
 */
export class RecentScores implements Sink {
  readonly wantsScores = true
  readonly #sources = new Map<string, Levels>()
  readonly #mostEntries: number
  readonly #mostSources: number
  #room = LEVEL_ENTRIES
  #arrivals = 0

  constructor({ mostEntries = MOST_ENTRIES, mostSources = MOST_SOURCES } = {}) {
    this.#mostEntries = mostEntries
    this.#mostSources = mostSources
  }

  /** Entries that are held, of all sources. */
  get entries(): number {
    let sum = 0
    for (const levels of this.#sources.values()) sum += levels.entries
    return sum
  }

  score(score: Score): void {
    const levels = this.#sources.get(score.source) ?? this.#welcome(score.source)
    levels.add(score, this.#room, ++this.#arrivals)
  }

  event(): void {}

  /** Of one source, oldest first. */
  of(source: string, { seconds, points }: RecentQuery): RecentScore[] {
    const levels = this.#sources.get(source)
    return levels ? decimate(levels.within(seconds * 1000), points) : []
  }

  #welcome(source: string): Levels {
    if (this.#sources.size >= this.#mostSources) this.#forgetOne()
    const levels = new Levels()
    this.#sources.set(source, levels)
    while (this.#room > 2 && this.#room * LEVELS * this.#sources.size > this.#mostEntries) {
      this.#room = this.#room >> 1
      for (const each of this.#sources.values()) each.shrink(this.#room)
    }
    return levels
  }

  #forgetOne(): void {
    let silent: string | undefined
    let oldest = Number.POSITIVE_INFINITY
    for (const [name, { arrival }] of this.#sources) {
      if (arrival >= oldest) continue
      oldest = arrival
      silent = name
    }
    if (silent !== undefined) this.#sources.delete(silent)
  }
}

/** Entries of one source, in the order in which they came: the newest in level 0. */
class Levels {
  readonly #levels: Ring[] = [new Ring()]
  /** Count of the latest score, of all sources together. */
  arrival = 0
  #latest = 0

  get entries(): number {
    return this.#levels.reduce((sum, { length }) => sum + length, 0)
  }

  add({ time, duration, score, threshold, anomalous }: Score, room: number, arrival: number): void {
    this.arrival = arrival
    this.#latest = time
    this.#push(0, { time, duration, score, threshold, anomalous, windows: 1 }, room)
  }

  shrink(room: number): void {
    for (let level = 0; level < this.#levels.length; level++) this.#handOn(level, room)
    for (const ring of this.#levels) ring.fit(room)
  }

  /** Whatever is farther than that from the latest, also in the future (a clock was wrong), is left out. */
  within(ms: number): RecentScore[] {
    const found: RecentScore[] = []
    for (const ring of this.#levels) {
      for (let i = 0; i < ring.length; i++) {
        const entry = ring.at(i)
        if (Math.abs(entry.time - this.#latest) <= ms) found.push(entry)
      }
    }
    return found.sort((a, b) => a.time - b.time)
  }

  #push(level: number, entry: RecentScore, room: number): void {
    this.#levels[level] ??= new Ring()
    this.#levels[level].push(entry, room + 1)
    this.#handOn(level, room)
  }

  #handOn(level: number, room: number): void {
    const ring = this.#levels[level]
    while (ring.length > room) {
      const pair = worse(ring.shift(), ring.shift())
      if (level + 1 < LEVELS) this.#push(level + 1, pair, room)
    }
  }
}

/** Entries in an array of numbers, which grows with them up to a bound: a thousand sources must not be a million objects. */
class Ring {
  length = 0
  #first = 0
  #values = new Float64Array(8 * FIELDS)

  at(index: number): RecentScore {
    const i = this.#place(index)
    const values = this.#values
    return {
      time: values[i],
      duration: values[i + 1],
      score: values[i + 2],
      threshold: values[i + 3],
      anomalous: values[i + 4] === 1,
      windows: values[i + 5],
    }
  }

  push({ time, duration, score, threshold, anomalous, windows }: RecentScore, most: number): void {
    if (this.length === this.#capacity) this.fit(Math.min(most, 2 * this.length))
    const i = this.#place(this.length++)
    const values = this.#values
    values[i] = time
    values[i + 1] = duration
    values[i + 2] = score
    values[i + 3] = threshold
    values[i + 4] = anomalous ? 1 : 0
    values[i + 5] = windows
  }

  shift(): RecentScore {
    const entry = this.at(0)
    this.#first = (this.#first + 1) % this.#capacity
    this.length--
    return entry
  }

  /** Room for so many entries, or those that there are. */
  fit(entries: number): void {
    const capacity = Math.max(entries, this.length, 1)
    if (capacity === this.#capacity) return
    const values = new Float64Array(capacity * FIELDS)
    for (let i = 0; i < this.length; i++) {
      const place = this.#place(i)
      values.set(this.#values.subarray(place, place + FIELDS), i * FIELDS)
    }
    this.#values = values
    this.#first = 0
  }

  get #capacity(): number {
    return this.#values.length / FIELDS
  }

  #place(index: number): number {
    return ((this.#first + index) % this.#capacity) * FIELDS
  }
}

/** The anomalous one, else the higher one; it stands for both. */
export function worse(a: RecentScore, b: RecentScore): RecentScore {
  const isFirst = a.anomalous === b.anomalous ? a.score >= b.score : a.anomalous
  return { ...(isFirst ? a : b), windows: a.windows + b.windows }
}

/** The worst of each of `points` equal spans of time. */
function decimate(scores: readonly RecentScore[], points: number): RecentScore[] {
  if (scores.length <= points) return [...scores]
  const from = scores[0].time
  const span = (scores[scores.length - 1].time - from) / points || 1
  const bins: RecentScore[] = []
  let last = -1
  for (const score of scores) {
    const bin = Math.min(points - 1, Math.floor((score.time - from) / span))
    if (bin === last) bins.push(worse(bins.pop()!, score))
    else bins.push(score)
    last = bin
  }
  return bins
}
