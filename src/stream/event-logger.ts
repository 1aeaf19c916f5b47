import type { Logger } from '../logger.ts'
import type { AuscultEvent, EpisodeEvent } from '../types.ts'
import type { Sink } from './telemetry.ts'

/** Logs episodes as they open and close, troubles of the feeds, what changed in clusters and levels, and decisions. */
export function eventLogger(logger: Logger): Sink {
  return { wantsScores: false, score() {}, event: event => write(logger, event) }
}

function write(logger: Logger, event: AuscultEvent): void {
  if ('episode' in event) {
    writeEpisode(logger, event)
  } else if ('condition' in event) {
    const { type, source, condition, message } = event
    if (type === 'source.troubled') logger.warn({ source, condition }, message)
    else logger.info({ source, condition }, 'source recovered')
  } else if (event.type === 'decision') {
    const { action, who, source, cluster, episodeId: episode, note } = event
    logger.info({ who, source: source || undefined, cluster, episode, note }, action)
  } else if ('kind' in event) {
    const { source, kind, before, after, psi } = event
    logger.warn({ source, kind, before, after, psi }, event.type === 'drift.began' ? 'drift' : 'drift is over')
  } else {
    const { source, window, cluster, into, label } = event
    logger.info({ source, window, cluster, into, label }, event.type.replace('.', ' '))
  }
}

function writeEpisode(logger: Logger, { type, episode }: EpisodeEvent): void {
  const { source, stream, offset, windows, peakScore, threshold, closeReason, cluster, muted } = episode
  const like = { cluster: cluster?.label ?? cluster?.id, muted: muted?.reason }
  if (type === 'episode.opened') {
    const say = muted ? logger.info : logger.warn
    say.call(logger, { source, stream, offset, score: peakScore, threshold, ...like }, 'episode opened')
  }
  if (type !== 'episode.closed') return
  const seconds = (episode.lastAt - episode.openedAt) / 1000
  logger.info(
    { source, stream, offset, windows, seconds, peak: peakScore, reason: closeReason, ...like },
    'episode closed',
  )
}
