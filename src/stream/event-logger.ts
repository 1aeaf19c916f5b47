import type { Logger } from '../logger.ts'
import type { EpisodeEvent } from '../types.ts'
import type { Sink } from './telemetry.ts'

/** Logs episodes as they open and close. */
export function eventLogger(logger: Logger): Sink {
  return {
    wantsScores: false,
    score() {},
    event({ type, episode }: EpisodeEvent) {
      const { source, stream, offset, windows, peakScore, threshold, closeReason } = episode
      if (type === 'episode.opened')
        logger.warn({ source, stream, offset, score: peakScore, threshold }, 'episode opened')
      if (type !== 'episode.closed') return
      const seconds = (episode.lastAt - episode.openedAt) / 1000
      logger.info({ source, stream, offset, windows, seconds, peak: peakScore, reason: closeReason }, 'episode closed')
    },
  }
}
