import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../progress.ts'
import { recordWav, type Schedule, Synthesizer } from '../train/synth/index.ts'

/** Recordings to learn from: of different times, so that different loads are among them. */
const TAKES = 40
const TAKE_SECONDS = 15

export const TRAINING_MINUTES = (TAKES * TAKE_SECONDS) / 60

export interface Material {
  /** Folder of the recordings to learn from. */
  readonly recordings: string
  /** The recording that is played as the live feed. */
  readonly feed: string
}

/** Synthesises what the demo needs into a folder. The feed is another take than any that is learned from. */
export async function makeMaterial(
  folder: string,
  seed: number,
  { faults, seconds }: Schedule,
  progress: Progress,
  signal: AbortSignal,
): Promise<Material> {
  const recordings = join(folder, 'recordings')
  const feed = join(folder, 'feed.wav')
  await mkdir(recordings)
  const total = TAKES * TAKE_SECONDS + seconds
  let done = 0
  const advance = (part: number) => {
    signal.throwIfAborted()
    done += part
    progress.update({ title: 'synthesising', done, total })
  }
  for (let take = 1; take <= TAKES; take++) {
    const path = join(recordings, `normal-${String(take).padStart(2, '0')}.wav`)
    await recordWav(path, new Synthesizer({ seed, take }), TAKE_SECONDS, advance)
  }
  await recordWav(feed, new Synthesizer({ seed, take: 0, faults }), seconds, advance)
  return { recordings, feed }
}
