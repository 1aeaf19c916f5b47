import type { Episode } from '../types.ts'

/** So long an episode that an earlier process left open may wait for its source to come back, ms. */
const RESUME_MS = 60_000

/** Episodes that an earlier process left open, by source: one that resumes goes on, the others are interrupted. */
export class LeftOpen {
  readonly #episodes = new Map<string, Episode>()
  readonly #interrupt: (episodes: readonly Episode[]) => void
  #patience: NodeJS.Timeout | undefined

  /** @param interrupt is given those that nobody goes on with */
  constructor(interrupt: (episodes: readonly Episode[]) => void) {
    this.#interrupt = interrupt
  }

  /** @param mayResume whether the source of an episode may come back and go on */
  begin(episodes: readonly Episode[], mayResume: (source: string) => boolean): void {
    for (const episode of episodes) if (mayResume(episode.source)) this.#episodes.set(episode.source, episode)
    this.#interrupt(episodes.filter(({ source }) => !mayResume(source)))
    if (this.#episodes.size > 0) this.#patience = setTimeout(() => this.end(), RESUME_MS).unref()
  }

  /** The episode with which the source goes on. */
  take(source: string): Episode | undefined {
    const episode = this.#episodes.get(source)
    this.#episodes.delete(source)
    return episode
  }

  /** Gives the others up. */
  end(): void {
    clearTimeout(this.#patience)
    const episodes = [...this.#episodes.values()]
    this.#episodes.clear()
    this.#interrupt(episodes)
  }
}
