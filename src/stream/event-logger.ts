import type { Logger } from '../logger.ts'
import type { AuscultEvent } from '../types.ts'
import type { Sink } from './telemetry.ts'

/** Logs episodes as they open and close, and troubles of the feeds. */
export function eventLogger(logger: Logger): Sink {
  return {
    wantsScores: false,
    score() {},
    event(event: AuscultEvent) {
      if (!('episode' in event)) {
        const { source, condition, message } = event
        if (event.type === 'source.troubled') logger.warn({ source, condition }, message)
        else logger.info({ source, condition }, 'source recovered')
        return
      }
      const { type, episode } = event
      const { source, stream, offset, windows, peakScore, threshold, closeReason } = episode
      if (type === 'episode.opened')
        logger.warn({ source, stream, offset, score: peakScore, threshold }, 'episode opened')
      if (type !== 'episode.closed') return
      const seconds = (episode.lastAt - episode.openedAt) / 1000
      logger.info({ source, stream, offset, windows, seconds, peak: peakScore, reason: closeReason }, 'episode closed')
    },
  }
}
