import type { Episode, EpisodeEvent, SourceCondition, SourceEvent } from '../types.ts'

/** Closes an episode that an earlier process left open. */
export function interrupted(episode: Episode): EpisodeEvent {
  return {
    type: 'episode.closed',
    eventId: `${episode.id}/interrupted`,
    episode: { ...episode, state: 'closed', closedAt: episode.lastAt, closeReason: 'interrupted' },
  }
}

/** A trouble of a source began (with a message) or is over, at `time` ms since the epoch. */
export function sourceEvent(
  source: string,
  condition: SourceCondition,
  message: string | undefined,
  time: number,
): SourceEvent {
  const type = message === undefined ? 'source.recovered' : 'source.troubled'
  const eventId = `${source}/${condition}/${time}/${message === undefined ? 'recovered' : 'troubled'}`
  return { type, eventId, source, condition, time, message: message ?? 'over' }
}
