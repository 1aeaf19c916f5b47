import { AuscultError } from '../errors.ts'
import type { BundleRanges } from '../model/bundle-ranges.ts'
import { PRECISIONS, type Precision } from '../model/engine.ts'
import { rangesOver } from '../model/precision.ts'
import type { Scorer } from '../model/scorer.ts'
import type { Assessed } from './assess.ts'
import { type Draft, draftScorer } from './draft-scorer.ts'
import { relativeDifferences } from './relative-differences.ts'
import { sampleWindows } from './score-windows.ts'
import { windowsOf } from './windows.ts'

/** How far scores at a reduced precision are from those in fp32. */
export interface PrecisionDifference {
  precision: Precision
  /** Of the windows that were looked at: the middle and the largest of |score − score in fp32| / score in fp32. Null where unavailable. */
  median: number | null
  largest: number | null
  /** Why the model cannot be computed so. */
  unavailable: string | null
}

export interface PrecisionStudy {
  ranges: BundleRanges
  differences: PrecisionDifference[]
}

/** Calibration windows that are looked at, at most. */
const WINDOWS = 256

/** Measures on calibration windows what int8 needs to know, and what each reduced precision makes of their scores. */
export async function studyPrecisions(draft: Draft, scorer: Scorer, data: Assessed): Promise<PrecisionStudy> {
  async function* windows(): AsyncGenerator<Float32Array> {
    for await (const window of windowsOf(data, sampleWindows(data.split.calibration, WINDOWS))) yield window.data
  }
  const ranges = await rangesOver({ ...draft, folder: '' }, windows())
  const exact = await scoresOf(scorer, windows())
  const differences: PrecisionDifference[] = []
  for (const precision of PRECISIONS.filter(name => name !== 'fp32')) {
    try {
      const reduced = await draftScorer({ ...draft, ranges }, { device: 'cpu', precision, threads: 0 })
      try {
        const { median, largest } = relativeDifferences(await scoresOf(reduced, windows()), exact)
        differences.push({ precision, median, largest, unavailable: null })
      } finally {
        await reduced.close()
      }
    } catch (error) {
      if (!(error instanceof AuscultError) || error.code !== 'AUSCULT_PRECISION') throw error
      differences.push({ precision, median: null, largest: null, unavailable: error.message })
    }
  }
  return { ranges, differences }
}

async function scoresOf(scorer: Scorer, windows: AsyncIterable<Float32Array>): Promise<number[]> {
  const scores: number[] = []
  for await (const window of windows) scores.push((await scorer.score(window, 1)).scores[0])
  return scores
}
