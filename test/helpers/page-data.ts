import type { SourceJson } from '../../src/stream/api/source-json.ts'
import type { Episode } from '../../src/types.ts'
import { START } from './page-daemon.ts'

/** A source as /v1/sources shows it. */
export const sourceJson = (name: string, rest: Partial<SourceJson> = {}): SourceJson => ({
  ...{ name, state: 'running', received: 2447, scored: 2440, dropped: { overflow: 4 }, failed: {}, in_flight: 3 },
  ...{ queued: 2, score: 0.79, threshold: 1, episodes: 3, episode_open: false, suppressed: 0, conditions: {} },
  ...{ gaps: 5, late: 6, restarts: 7, lag: 8 },
  ...rest,
})

/** An episode of source `a`, from 20 s after START on. */
export const openEpisode: Episode = {
  ...{ id: 'a/feed.wav/320000', source: 'a', state: 'open', stream: 'feed.wav', offset: 320_000 },
  ...{ openedAt: START + 20_000, lastAt: START + 22_000, windows: 3, peakScore: 7.5, meanScore: 6, threshold: 1 },
}

export const closedEpisode: Episode = {
  ...openEpisode,
  ...{ state: 'closed', windows: 21, lastAt: START + 31_500, closedAt: START + 31_500, closeReason: 'recovered' },
}
