import { basename, dirname, relative } from 'node:path'
import type { Golden } from '../model/bundle.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import type { Calibration } from '../model/manifest.ts'
import type { Scorer } from '../model/scorer.ts'
import type { Progress } from '../progress.ts'
import { calibrate } from './calibrate.ts'
import { engineOf, type TrainConfig } from './config.ts'
import { type Draft, draftScorer } from './draft-scorer.ts'
import type { LatentSample, LatentStudy } from './latents-protocol.ts'
import { type RunningStudy, startStudy } from './latents-thread.ts'
import { placeOf } from './place-of.ts'
import type { Prepared } from './prepare.ts'
import type { Example } from './report/example.ts'
import { type ScoredWindow, sampleWindows, scoreWindows } from './score-windows.ts'
import { type PrecisionStudy, studyPrecisions } from './study-precisions.ts'
import type { FeatureView } from './view.ts'
import { readWindows, windowsOf } from './windows.ts'

/** What scoring says about a trained model. */
export interface Assessment {
  calibration: Calibration
  /** Each held-out window. */
  heldOut: ScoredWindow[]
  golden: Golden
  /** Training windows, evenly chosen. */
  sample: LatentSample
  study: LatentStudy
  examples: Example[]
  precision: PrecisionStudy
}

/** What of it a bundle keeps. */
export const bundlePartsOf = ({ calibration, golden, sample, study, precision }: Assessment) => ({
  calibration,
  golden,
  latents: sample.latents,
  clusters: study.clusters,
  map: study.map,
  ranges: precision.ranges,
})

/** Number of clusters that the sample of latents fell into; null where none could be found. */
export const countClusters = ({ clusters, assigned }: LatentStudy): number | null =>
  clusters ? new Set(assigned.filter(id => id !== null)).size : null

const GOLDEN_WINDOWS = 8

/** What is scored, and which of it for what. */
export type Assessed = Pick<Prepared, 'split' | 'recordings' | 'format'>

/**
 * Scores the calibration part, and what else a bundle holds of scores, with the model as the daemon will run it. Clusters and the map of
 * latents are found at the same time.
 */
export async function assess(
  draft: Draft,
  data: Assessed,
  view: FeatureView,
  { clusters, map, seed, engine }: Pick<TrainConfig, 'clusters' | 'map' | 'seed' | 'engine'>,
  progress: Progress,
): Promise<Assessment> {
  const scorer = await draftScorer(draft, engineOf(engine))
  let running: RunningStudy | undefined
  try {
    const sample = await sampleLatents(scorer, data, map.points)
    running = startStudy({ sample, clusters, map, seed })
    const heldOut: ScoredWindow[] = []
    const total = data.split.calibration.reduce((sum, { from, to }) => sum + to - from, 0)
    for await (const window of scoreWindows(scorer, data.recordings, data.split.calibration, data.format)) {
      heldOut.push(window)
      progress.update({ title: 'calibrating', done: heldOut.length, total })
    }
    const golden = await goldenWindows(scorer, data)
    const shown = await examples(scorer, data, heldOut, view)
    const precision = await studyPrecisions(draft, scorer, data)
    running.onEpoch = (done, total) => progress.update({ title: 'mapping', done, total })
    const study = await running.study
    return {
      calibration: calibrate(heldOut.map(({ score }) => score)),
      heldOut,
      golden,
      sample,
      study,
      examples: shown,
      precision,
    }
  } finally {
    await running?.stop()
    await scorer.close()
  }
}

async function sampleLatents(scorer: Scorer, data: Assessed, points: number): Promise<LatentSample> {
  const portions = sampleWindows(data.split.train, points)
  const folder = commonFolder(data.split.train.map(({ path }) => path))
  const latents: number[] = []
  const scores: number[] = []
  const windows: string[] = []
  for await (const { path, offset, score, latent } of scoreWindows(scorer, data.recordings, portions, data.format)) {
    latents.push(...latent)
    scores.push(score)
    windows.push(`${relative(folder, path).replaceAll('\\', '/')}@${offset}`)
  }
  const dimensions = latents.length / windows.length
  return { latents: Float32Array.from(latents), dimensions, windows, scores: Float32Array.from(scores) }
}

/** The innermost folder that holds all files: names in a bundle say nothing of the machine that it was trained on. */
function commonFolder(paths: readonly string[]): string {
  const inside = (folder: string) => paths.every(path => !relative(folder, path).startsWith('..'))
  let folder = dirname(paths[0])
  while (!inside(folder) && folder !== dirname(folder)) folder = dirname(folder)
  return folder
}

async function goldenWindows(scorer: Scorer, data: Assessed): Promise<Golden> {
  const windows: Float32Array[] = []
  for await (const window of windowsOf(data, sampleWindows(data.split.calibration, GOLDEN_WINDOWS))) {
    windows.push(window.data)
  }
  const size = sizeOf(data.format.windowShape)
  const all = new Float32Array(windows.length * size)
  windows.forEach((window, i) => {
    all.set(window, i * size)
  })
  const { scores } = await scorer.score(all, windows.length)
  return { windows: all, scores }
}

/** Held-out windows with a low, the middle and the highest score. */
async function examples(
  scorer: Scorer,
  data: Assessed,
  heldOut: readonly ScoredWindow[],
  view: FeatureView,
): Promise<Example[]> {
  const sorted = [...heldOut].sort((a, b) => a.score - b.score)
  const places = [0.05, 0.5, 1].map(q => Math.round(q * (sorted.length - 1)))
  const chosen = [...new Set(places)].map(place => sorted[place])
  const result: Example[] = []
  for (const { path, offset, score } of chosen) {
    const recording = data.recordings.get(path)!
    const index = recording.offsets.indexOf(offset)
    const title = `${basename(path)}, ${placeOf(offset, data.format.sampleRate)}`
    for await (const window of readWindows(recording, { from: index, to: index + 1 }, data.format)) {
      const { features, reconstruction } = await scorer.reconstruct(window.data, 1)
      result.push({ title, score, original: view.draw(features), reconstruction: view.draw(reconstruction) })
    }
  }
  return result
}
