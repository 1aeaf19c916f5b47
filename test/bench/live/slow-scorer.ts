import { setTimeout as sleep } from 'node:timers/promises'
import { loadScorer as loadBundle } from '../../../src/model/bundle-scorer.ts'
import type { LoadScorer } from '../../../src/model/scorer.ts'

/** This module, for the threads of a daemon whose bundle is named `folder?rate=40`. */
export const SLOW_SCORER = new URL('slow-scorer.ts', import.meta.url).href

/** The scorer of a bundle, held to so many windows per second. */
export const loadScorer: LoadScorer = async (name, options) => {
  const [folder, query] = name.split('?')
  const rate = Number(new URLSearchParams(query).get('rate'))
  const scorer = await loadBundle(folder, options)
  const { windowShape, latentSize, device } = scorer
  return {
    windowShape,
    latentSize,
    device,
    async score(windows, n) {
      const due = performance.now() + (n / rate) * 1000
      const scores = await scorer.score(windows, n)
      await sleep(due - performance.now())
      return scores
    },
    reconstruct: (windows, n) => scorer.reconstruct(windows, n),
    close: () => scorer.close(),
  }
}
