import { basename } from 'node:path'
import type { Bundle } from '../../model/bundle.ts'
import { createScorer } from '../../model/bundle-scorer.ts'
import type { EngineOptions } from '../../model/engine.ts'
import type { FrontEndConfig } from '../../model/frontends/config.ts'
import { createFrontEnd } from '../../model/frontends/create.ts'
import { placeOf } from '../place-of.ts'
import type { Example, View } from '../report/example.ts'
import type { ScoredWindow } from '../score-windows.ts'
import { featureView } from '../view.ts'
import { readWindows } from '../windows.ts'
import type { Scored } from './evaluation.ts'
import type { ScannedFor } from './score-bundle.ts'

/** Windows beside what the model made of them, by class. */
export interface Gallery {
  readonly view: View
  readonly groups: readonly { readonly name: string; readonly examples: readonly Example[] }[]
}

/** Classes that are shown at most, the most frequent ones. */
const CLASSES = 6
/** Of each class, by score: the highest, the middle, the lowest. */
const PLACES = [1, 0.5, 0]

export interface GalleryInput {
  bundle: Bundle
  scanned: ScannedFor
  windows: readonly ScoredWindow[]
  scores: readonly Scored[]
  engine: EngineOptions
}

/** Chooses windows by class and score and reconstructs them. A recording is shown by its window of the highest score. */
export async function galleryOf({ bundle, scanned, windows, scores, engine }: GalleryInput): Promise<Gallery> {
  const { front_end, normalization } = bundle.manifest
  const config = front_end as FrontEndConfig
  const { view, draw } = featureView(config, createFrontEnd(config, normalization))
  const { format, scan } = scanned
  const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
  const worst = worstWindows(windows)
  const scorer = await createScorer(bundle, engine)
  try {
    const groups: { name: string; examples: Example[] }[] = []
    for (const { name, chosen } of chooseItems(scores)) {
      const examples: Example[] = []
      for (const i of chosen) {
        const window = scores[i].at === null ? worst.get(scores[i].file)! : windows[i]
        const recording = recordings.get(window.path)!
        const from = recording.offsets.indexOf(window.offset)
        const title = `${basename(window.path)}, ${placeOf(window.offset, format.sampleRate)}`
        for await (const { data } of readWindows(recording, { from, to: from + 1 }, format)) {
          const { features, reconstruction } = await scorer.reconstruct(data, 1)
          examples.push({ title, score: window.score, original: draw(features), reconstruction: draw(reconstruction) })
        }
      }
      groups.push({ name, examples })
    }
    return { view, groups }
  } finally {
    await scorer.close()
  }
}

/** Indices of the items that are shown, by class. */
export function chooseItems(scores: readonly Pick<Scored, 'score' | 'class'>[]): { name: string; chosen: number[] }[] {
  const byClass = new Map<string, number[]>()
  for (const [i, { class: word }] of scores.entries()) {
    const name = word ?? 'no class'
    const own = byClass.get(name)
    if (own) own.push(i)
    else byClass.set(name, [i])
  }
  return [...byClass]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, CLASSES)
    .map(([name, own]) => {
      const sorted = own.sort((a, b) => scores[a].score - scores[b].score)
      const places = PLACES.map(place => sorted[Math.round(place * (sorted.length - 1))])
      return { name, chosen: [...new Set(places)] }
    })
}

function worstWindows(windows: readonly ScoredWindow[]): Map<string, ScoredWindow> {
  const worst = new Map<string, ScoredWindow>()
  for (const window of windows) {
    const { score } = worst.get(window.path) ?? { score: Number.NEGATIVE_INFINITY }
    if (window.score > score) worst.set(window.path, window)
  }
  return worst
}
