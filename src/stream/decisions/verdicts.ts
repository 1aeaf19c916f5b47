import type { Acknowledgement, Episode, EpisodeEvent, EpisodeMute } from '../../types.ts'
import { type Mark, Marks } from './marks.ts'
import { type MuteBook, markOf } from './mute-book.ts'
import type { SavedMute } from './state.ts'

export interface VerdictsOptions {
  readonly book: MuteBook
  /** Those in force, with what is on its way to the store. */
  readonly mutes: () => readonly SavedMute[]
  /** The episode of this id if it is open, as it was published last. */
  readonly openEpisode: (id: string) => Episode | undefined
  readonly now: () => number
}

/** What was decided about single episodes: whether they are acknowledged, and muted. */
export class Verdicts {
  readonly #options: VerdictsOptions
  readonly #marks = new Marks()

  constructor(options: VerdictsOptions) {
    this.#options = options
  }

  /** Takes up episodes that an earlier process left open. */
  restore(episodes: readonly Episode[]): void {
    for (const episode of episodes) this.#marks.of(episode)
  }

  /** The event with what was decided about its episode. */
  complete(event: EpisodeEvent): EpisodeEvent {
    const { episode } = event
    if (event.type === 'episode.opened') this.#marks.begin(episode)
    const closed = this.#marks.closed(episode.id)
    if (closed) {
      closed.episode = marked(episode, closed.mark)
      return { ...event, episode: closed.episode }
    }
    if (event.type !== 'episode.closed' && episode.state === 'closed') return event
    const mark = this.#marks.of(episode)
    this.#judge(mark, episode)
    const complete = marked(episode, mark)
    if (episode.state === 'closed') this.#marks.close(mark, complete)
    return { ...event, episode: complete }
  }

  /** The open episodes that became muted, or are no longer. @param number of the decision that did it */
  changed(number: number): EpisodeEvent[] {
    return this.#marks.ids.flatMap(id => {
      const episode = this.#options.openEpisode(id)
      if (!episode) return []
      const mark = this.#marks.of(episode)
      const before = mark.muted
      this.#judge(mark, episode)
      const after = mark.muted
      if (before?.id === after?.id) return []
      const [type, what] = after ? (['episode.muted', 'muted'] as const) : (['episode.updated', 'unmuted'] as const)
      return [{ type, eventId: `${id}/${what}/${number}`, episode: marked(episode, mark) }]
    })
  }

  /** The episode as it was published last, if it was closed a moment ago: the store may not have it so yet. */
  closed(id: string): Episode | undefined {
    return this.#marks.closed(id)?.episode
  }

  /**
   * Says something about an episode for good.
   * @returns how it is then, and what takes it back
   */
  mark(
    episode: Episode,
    said: { readonly acknowledged?: Acknowledgement; readonly muted?: EpisodeMute },
  ): { readonly episode: Episode; undo(): void } {
    const { acknowledged, muted } = episode
    const open = episode.state === 'open' ? this.#marks.of(episode) : undefined
    const closed = this.#marks.closed(episode.id)
    const mark = closed?.mark ?? open ?? { acknowledged, muted }
    const before = { mark: { acknowledged: mark.acknowledged, muted: mark.muted }, episode: closed?.episode }
    Object.assign(mark, said)
    const after = marked(episode, mark)
    if (closed) closed.episode = after
    const undo = () => {
      Object.assign(mark, before.mark)
      if (closed) closed.episode = before.episode!
    }
    return { episode: after, undo }
  }

  #judge(mark: Mark, episode: Episode): void {
    const { book, mutes, now } = this.#options
    const mute = book.find(mutes(), episode, now())
    mark.muted = mute && markOf(mute)
    if (!mute || mute.episode_id === episode.id || mark.counted.has(mute.id)) return
    mark.counted.add(mute.id)
    book.count(mute.id, episode)
  }
}

function marked(
  { acknowledged: _, muted: __, ...episode }: Episode,
  { acknowledged, muted }: Omit<Mark, 'counted'>,
): Episode {
  return { ...episode, ...(acknowledged && { acknowledged }), ...(muted && { muted }) }
}
