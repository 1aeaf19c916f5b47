import { createHash } from 'node:crypto'
import { z } from '../../config.ts'
import type { Episode } from '../../types.ts'
import { seal, unseal } from './sealed.ts'

const contentSchema = z.strictObject({
  /** Id, episodes, and when the first and the latest of them opened. */
  clusters: z.array(z.tuple([z.number().int(), z.number().int().positive(), z.number(), z.number()])),
  /** Source, and when its latest counted episode opened. */
  sources: z.array(z.tuple([z.string(), z.number()])),
  /** Short hashes of the ids counted last. */
  counted: z.array(z.string()),
})

/** Closed episodes of a cluster. Times are ms since the epoch, of their opening; undefined where there is none. */
export interface Past {
  readonly episodes: number
  readonly firstAt?: number
  readonly lastAt?: number
}

const NEVER: Past = { episodes: 0 }
/** Sources and ids that are remembered; the oldest give way. */
const SOURCES = 4096
const IDS = 1024

/**
 * How many episodes each cluster had, and when. An episode that comes again is not counted again: a feed that goes back delivers one that
 * opened no later than the latest of its source, and files that are played again give ids that were there before.
 */
export class EpisodeHistory {
  readonly #clusters = new Map<number, Past>()
  readonly #sources = new Map<string, number>()
  readonly #counted = new Set<string>()

  of(cluster: number): Past {
    return this.#clusters.get(cluster) ?? NEVER
  }

  has({ id, source, openedAt }: Episode): boolean {
    return openedAt <= (this.#sources.get(source) ?? Number.NEGATIVE_INFINITY) || this.#counted.has(shortOf(id))
  }

  /** @returns whether it was counted, which it is once only */
  count(cluster: number, episode: Episode): boolean {
    if (this.has(episode)) return false
    const { id, source, openedAt } = episode
    this.#add(cluster, { episodes: 1, firstAt: openedAt, lastAt: openedAt })
    this.#sources.delete(source)
    this.#sources.set(source, openedAt)
    this.#counted.add(shortOf(id))
    if (this.#sources.size > SOURCES) this.#sources.delete(first(this.#sources))
    if (this.#counted.size > IDS) this.#counted.delete(first(this.#counted))
    return true
  }

  /** The episodes of `from` count for `into` as well. */
  merge(from: number, into: number): void {
    const past = this.#clusters.get(from)
    if (past) this.#add(into, past)
    this.#clusters.delete(from)
  }

  forget(cluster: number): void {
    this.#clusters.delete(cluster)
  }

  #add(cluster: number, { episodes, firstAt, lastAt }: Past): void {
    const past = this.of(cluster)
    this.#clusters.set(cluster, {
      episodes: past.episodes + episodes,
      firstAt: Math.min(past.firstAt ?? firstAt!, firstAt!),
      lastAt: Math.max(past.lastAt ?? lastAt!, lastAt!),
    })
  }

  state(): unknown {
    const clusters = [...this.#clusters].map(([id, { episodes, firstAt, lastAt }]) => [id, episodes, firstAt, lastAt])
    return seal({ clusters, sources: [...this.#sources], counted: [...this.#counted] })
  }

  /** @throws AUSCULT_STATE */
  static restore(raw: unknown): EpisodeHistory {
    const { clusters, sources, counted } = unseal(raw, contentSchema, 'episodes')
    const history = new EpisodeHistory()
    for (const [id, episodes, firstAt, lastAt] of clusters) history.#clusters.set(id, { episodes, firstAt, lastAt })
    for (const [source, openedAt] of sources) history.#sources.set(source, openedAt)
    for (const id of counted) history.#counted.add(id)
    return history
  }
}

const shortOf = (id: string): string => createHash('sha256').update(id).digest('base64').slice(0, 10)

const first = <T>(items: Map<T, unknown> | Set<T>): T => items.keys().next().value as T
