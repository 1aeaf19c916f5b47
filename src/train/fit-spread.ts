import type { EngineOptions } from '../model/engine.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import { SpreadFit } from '../model/residual.ts'
import { type Draft, draftScorer } from './draft-scorer.ts'
import type { Prepared } from './prepare.ts'
import { sampleWindows } from './score-windows.ts'
import { windowsOf } from './windows.ts'

/** Training windows that are looked at, at most. */
const WINDOWS = 2000

/** Spread of each feature's mean residual over training windows, `[feature size]`: the unit of `score: residual`. */
export async function fitSpread(draft: Draft, data: Prepared, engine: EngineOptions): Promise<number[]> {
  const scorer = await draftScorer(draft, engine)
  try {
    const fit = new SpreadFit(sizeOf(data.frontEnd.featureShape))
    for await (const window of windowsOf(data, sampleWindows(data.split.train, WINDOWS))) {
      fit.add(await scorer.residuals(window.data, 1))
    }
    return fit.finish()
  } finally {
    await scorer.close()
  }
}
