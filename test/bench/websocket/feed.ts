import { setTimeout as sleep } from 'node:timers/promises'
import type { AuscultEvent, Score } from '../../../src/types.ts'
import { episodeEvent } from '../../helpers/events.ts'

/** What a server is to send. */
export interface Load {
  readonly sources: number
  /** Windows of each source a second. */
  readonly rate: number
  /** Changes of episodes a second, over all sources. */
  readonly events: number
  readonly seconds: number
}

/** Milliseconds on the clock that all processes of a machine share (CLOCK_MONOTONIC). */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6

const BATCH_MS = 20
/** So many times as long as it should may playing take, with a server that does not keep up. */
const PATIENCE = 3

const scoreOf = (source: number, index: number, time: number): Score => ({
  ...{ source: `source-${source}`, id: `source-${source}/feed.wav/${index * 8000}`, index, stream: 'feed.wav' },
  ...{ offset: index * 8000, time, duration: 1, score: 0.7316 + source / 1e4, threshold: 1.1855784827470779 },
  ...{ anomalous: false, late: false, latent: new Float32Array(0) },
})

/**
 * Gives a server what it is to send, in batches, as scorers make them. What is late because the server was busy is as old as it would be
 * otherwise: `time` is when it was due.
 */
export async function play(
  { sources, rate, events, seconds }: Load,
  score: (score: Score) => void,
  event: (event: AuscultEvent, due: number) => void,
): Promise<void> {
  const start = now()
  let scores = 0
  let changes = 0
  for (let tick = 1; tick * BATCH_MS <= seconds * 1000; tick++) {
    const elapsed = (tick * BATCH_MS) / 1000
    const due = start + elapsed * 1000
    await sleep(Math.max(0, due - now()))
    if (now() - start > PATIENCE * seconds * 1000) break
    for (; scores < elapsed * sources * rate; scores++) {
      score(scoreOf(scores % sources, Math.floor(scores / sources), due))
    }
    for (; changes < elapsed * events; changes++) {
      event(episodeEvent(changes, 'updated', `source-${changes % sources}`), due)
    }
  }
  await sleep(1000)
}
