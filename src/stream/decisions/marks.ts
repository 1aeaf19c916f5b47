import type { Acknowledgement, Episode, EpisodeMute } from '../../types.ts'

/** What was decided about one episode. */
export interface Mark {
  acknowledged?: Acknowledgement
  muted?: EpisodeMute
  /** Ids of the mutes that have counted it. */
  readonly counted: Set<string>
}

interface Closed {
  readonly mark: Mark
  /** As it was published last. */
  episode: Episode
}

/** Closed episodes that are remembered: something of them may still be on its way. */
const MOST_CLOSED = 500

/** What was decided about the open episodes, and about those closed last. */
export class Marks {
  readonly #open = new Map<string, Mark>()
  readonly #closed = new Map<string, Closed>()

  /** Ids of the open episodes. */
  get ids(): string[] {
    return [...this.#open.keys()]
  }

  /** Of an open episode; begun with what the episode says itself when it is not known yet. */
  of({ id, acknowledged, muted }: Episode): Mark {
    let mark = this.#open.get(id)
    if (!mark) {
      mark = { acknowledged, muted, counted: new Set(muted && [muted.id]) }
      this.#open.set(id, mark)
    }
    return mark
  }

  closed(id: string): Closed | undefined {
    return this.#closed.get(id)
  }

  /** An episode opens, perhaps not for the first time. */
  begin({ id }: Episode): void {
    this.#open.delete(id)
    this.#closed.delete(id)
  }

  close(mark: Mark, episode: Episode): void {
    this.#open.delete(episode.id)
    this.#closed.set(episode.id, { mark, episode })
    if (this.#closed.size > MOST_CLOSED) this.#closed.delete(this.#closed.keys().next().value!)
  }
}
