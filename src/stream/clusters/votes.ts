import type { Episode, EpisodeCluster } from '../../types.ts'

/** An anomalous window, and the cluster that it fell to. */
export interface Vote {
  readonly cluster: number
  readonly window: string
  /** Begin and end of the window, ms since the epoch. */
  readonly time: number
  readonly end: number
  readonly distance: number
  readonly radius: number
  readonly latent: Float32Array
}

/** The cluster of most votes, and of these the one nearest to its centre. */
export interface Winner {
  readonly cluster: number
  readonly windows: number
  /** Without a latent when an earlier process saw it. */
  readonly nearest: Pick<Vote, 'distance' | 'radius'> & { readonly latent?: Float32Array }
}

/** Votes of a source that no event has asked for yet; the oldest give way. */
const PENDING = 256
/** After so many normal windows, more than a batch holds, no event can ask for the votes before them. */
const CALM = 5000

/** The votes of one episode. */
class Tally {
  readonly episode: string
  /** Votes up to this time are in it already. */
  readonly since: number
  #parties: Winner[] = []

  constructor(episode: Episode, cluster: EpisodeCluster | undefined) {
    this.episode = episode.id
    this.since = cluster ? episode.lastAt : Number.NEGATIVE_INFINITY
    if (!cluster) return
    const { id, distance, radius } = cluster
    this.#add({ cluster: id, windows: episode.windows, nearest: { distance, radius } })
  }

  count(vote: Vote): void {
    if (vote.end > this.since) this.#add({ cluster: vote.cluster, windows: 1, nearest: vote })
  }

  #add({ cluster, windows, nearest }: Winner): void {
    const index = this.#parties.findIndex(party => party.cluster === cluster)
    if (index < 0) {
      this.#parties.push({ cluster, windows, nearest })
      return
    }
    const { windows: before, nearest: other } = this.#parties[index]
    const better = nearest.distance < other.distance ? nearest : other
    this.#parties[index] = { cluster, windows: before + windows, nearest: better }
  }

  /** Undefined when all of its clusters are forgotten. Of equals the nearest wins. */
  winner(resolve: (id: number) => number | undefined): Winner | undefined {
    const parties = this.#parties
    this.#parties = []
    for (const party of parties) {
      const cluster = resolve(party.cluster)
      if (cluster !== undefined) this.#add({ ...party, cluster })
    }
    return this.#parties.toSorted((a, b) => b.windows - a.windows || a.nearest.distance - b.nearest.distance)[0]
  }
}

interface Voters {
  /** In the order of their windows. */
  readonly pending: Vote[]
  /** Of the open episode. */
  tally?: Tally
  /** Normal windows in a row. */
  normal: number
}

/**
 * The anomalous windows of each source decide to which cluster its episode belongs. Windows of a whole batch are seen before the first of
 * their events is completed, so votes wait until an event says which of them are its own.
 */
export class Votes {
  readonly #sources = new Map<string, Voters>()
  readonly #resolve: (id: number) => number | undefined

  /** @param resolve the id that a cluster has now */
  constructor(resolve: (id: number) => number | undefined) {
    this.#resolve = resolve
  }

  /** Sources whose votes are kept. */
  get size(): number {
    return this.#sources.size
  }

  add(source: string, vote: Vote): void {
    const voters = this.#votersOf(source)
    voters.normal = 0
    voters.pending.push(vote)
    if (voters.pending.length <= PENDING) return
    const oldest = voters.pending.shift()!
    voters.tally?.count(oldest)
  }

  /** A window was normal. */
  calm(source: string): void {
    const voters = this.#sources.get(source)
    if (!voters || ++voters.normal < CALM) return
    if (voters.tally) voters.pending.length = 0
    else this.#sources.delete(source)
  }

  /** An episode that an earlier process left open goes on with the cluster that it had. */
  resume(episode: Episode): void {
    if (episode.cluster) this.#votersOf(episode.source).tally = new Tally(episode, episode.cluster)
  }

  /** Counts the votes of the episode's windows up to its last one. */
  decide(episode: Episode): Winner | undefined {
    const voters = this.#sources.get(episode.source)
    if (!voters) return undefined
    const { pending } = voters
    const tally = voters.tally?.episode === episode.id ? voters.tally : new Tally(episode, undefined)
    if (tally !== voters.tally) {
      const first = pending.findIndex(({ window }) => window === episode.id)
      const next = first < 0 ? pending.findIndex(({ time }) => time >= episode.openedAt) : first
      pending.splice(0, next < 0 ? pending.length : next)
    }
    const beyond = pending.findIndex(({ end }) => end > episode.lastAt)
    for (const vote of pending.splice(0, beyond < 0 ? pending.length : beyond)) tally.count(vote)
    const isOpen = episode.state === 'open'
    voters.tally = isOpen ? tally : undefined
    if (!isOpen && pending.length === 0) this.#sources.delete(episode.source)
    return tally.winner(this.#resolve)
  }

  #votersOf(source: string): Voters {
    const voters = this.#sources.get(source) ?? { pending: [], normal: 0 }
    this.#sources.set(source, voters)
    return voters
  }
}
