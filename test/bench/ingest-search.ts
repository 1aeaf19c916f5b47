import type { IngestResult } from './work/ingest.ts'

/** What is aimed at: feeds, ms from the last sample of a window to its score, bytes of a feed. */
export const AIM = { feeds: 1000, p99: 250, bytes: 200_000 }

/** Measures so many feeds for so many seconds; null where the machine could not keep up at all. */
export type Stage = (feeds: number, seconds: number) => Promise<IngestResult | null>

const GROWTH = 1.5
/** The search ends when what was held and what was not lie this close together. */
const PRECISION = 1.08
const STEP = 50
const TRIES = 2
const ROBBED_TRIES = 5
const MOST_STOLEN = 0.03
/** In the end the number must be held for so many times the seconds of a stage. */
const CONFIRMED = 2.5

/** Nothing lost, no queue that grows, and quick enough. */
export function isHeld(result: IngestResult | null, seconds: number): boolean {
  if (result === null || result.lost > 0 || result.score.p99 > AIM.p99) return false
  const inTime = (result.windows / seconds) * (AIM.p99 / 1000)
  return result.windows > 0 && result.open[1] <= inTime + 1
}

/**
 * The largest number of feeds that is held. A number that fails is tried once more, since the machine may have been busy with something
 * else; and some times more where the host of a virtual machine gave its time to others.
 */
export async function largestHeld(stage: Stage, seconds: number): Promise<IngestResult | null> {
  const attempt = async (feeds: number, time: number) => {
    for (let tries = 0, robbed = 0; tries < TRIES && robbed < ROBBED_TRIES; ) {
      const result = await stage(feeds, time)
      if (result && isHeld(result, time)) return result
      if (result && result.stolen > MOST_STOLEN) robbed++
      else tries++
    }
    return null
  }
  let held: number | undefined
  let failed = Number.POSITIVE_INFINITY
  const open = () => failed - (held ?? 0) > STEP && failed > (held ?? 0) * PRECISION
  for (let feeds = AIM.feeds; open(); feeds = between(held, failed)) {
    if (await attempt(feeds, seconds)) held = feeds
    else failed = feeds
  }
  for (let feeds = held ?? 0; feeds >= STEP; feeds = Math.floor((feeds * 0.95) / STEP) * STEP) {
    const result = await attempt(feeds, seconds * CONFIRMED)
    if (result) return result
  }
  return null
}

function between(held: number | undefined, failed: number): number {
  const next =
    held === undefined ? failed / 2 : failed === Number.POSITIVE_INFINITY ? held * GROWTH : (held + failed) / 2
  return Math.round(next / STEP) * STEP
}
