import { sizeOf } from '../model/frontends/frontend.ts'
import type { Scorer } from '../model/scorer.ts'
import type { ScannedRecording } from './scan.ts'
import type { Portion } from './split.ts'
import { countWindows, type WindowFormat, windowsOf } from './windows.ts'

/** A window of a recording with its score. */
export interface ScoredWindow {
  path: string
  /** First sample, or frame. */
  offset: number
  score: number
  /** `[latentSize]` */
  latent: Float32Array
  /** `[classes]`, of models that tell classes apart. */
  probabilities?: Float32Array
}

const AT_ONCE = 64

/** Scores the windows of portions in order, batched across files. */
export async function* scoreWindows(
  scorer: Scorer,
  recordings: ReadonlyMap<string, ScannedRecording>,
  portions: readonly Portion[],
  format: WindowFormat,
): AsyncGenerator<ScoredWindow> {
  const size = sizeOf(format.windowShape)
  const batch = new Float32Array(AT_ONCE * size)
  let places: { path: string; offset: number }[] = []
  async function* flush() {
    const n = places.length
    const { scores, latents, latentSize, probabilities } = await scorer.score(batch.subarray(0, n * size), n)
    const classes = (probabilities?.length ?? 0) / n
    for (const [i, place] of places.entries()) {
      const latent = latents.slice(i * latentSize, (i + 1) * latentSize)
      yield { ...place, score: scores[i], latent, probabilities: probabilities?.slice(i * classes, (i + 1) * classes) }
    }
    places = []
  }
  for await (const { path, offset, data } of windowsOf({ recordings, format }, portions)) {
    batch.set(data, places.length * size)
    places.push({ path, offset })
    if (places.length === AT_ONCE) yield* flush()
  }
  if (places.length > 0) yield* flush()
}

/** The windows of a recording in one piece. */
export const wholeRecording = ({ path, offsets }: ScannedRecording): Portion => ({ path, from: 0, to: offsets.length })

/** At most `count` of the windows of portions, evenly spaced. */
export function sampleWindows(portions: readonly Portion[], count: number): Portion[] {
  const step = Math.max(1, Math.ceil(countWindows(portions) / count))
  let skip = 0
  return portions.flatMap(({ path, from, to }) => {
    const first = from + skip
    skip = first < to ? (step - ((to - first) % step)) % step : first - to
    return first < to ? [{ path, from: first, to, step }] : []
  })
}
