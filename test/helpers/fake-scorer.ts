import { existsSync } from 'node:fs'
import { AuscultError } from '../../src/errors.ts'
import type { LoadScorer, Scorer } from '../../src/model/scorer.ts'

/** Values that make the fake misbehave when a window starts with them. */
export const FAIL_BATCH = 666
export const CRASH = 999

/** Samples of a window of the fake. */
export const WINDOW = 4

/** This module, for the worker threads of a pool. */
export const FAKE_SCORER = new URL('fake-scorer.ts', import.meta.url).href

/**
 * A scorer without a model: the score of a window is the mean of its absolute values, its latent the first two, its features are its
 * values, of which the half is expected.
 * The bundle's name is a query: `?delay=20` milliseconds a batch, `?refuse=path` is a damaged bundle while that
 * file exists.
 */
export const loadScorer: LoadScorer = async bundle => {
  const query = new URLSearchParams(bundle.split('?')[1])
  if (existsSync(query.get('refuse') ?? ''))
    throw new AuscultError('AUSCULT_BUNDLE', 'a golden window scores differently', { at: bundle })
  const delay = Number(query.get('delay') ?? 0)
  const scorer: Scorer = {
    windowShape: [WINDOW],
    latentSize: 2,
    device: 'fake',
    async score(windows, n) {
      if (delay > 0) await new Promise(resolve => setTimeout(resolve, delay))
      if (!windows.every(Number.isFinite)) throw new AuscultError('AUSCULT_NON_FINITE', 'a window is not finite')
      const rows = Array.from({ length: n }, (_, i) => windows.subarray(i * WINDOW, (i + 1) * WINDOW))
      if (rows.some(row => row[0] === CRASH)) process.exit(3)
      if (rows.some(row => row[0] === FAIL_BATCH)) throw new AuscultError('AUSCULT_ENGINE', 'out of memory')
      const scores = Float32Array.from(rows, row => row.reduce((sum, x) => sum + Math.abs(x), 0) / WINDOW)
      return { scores, latents: Float32Array.from(rows.flatMap(row => [row[0], row[1]])), latentSize: 2 }
    },
    async reconstruct(windows) {
      if (!windows.every(Number.isFinite)) throw new AuscultError('AUSCULT_NON_FINITE', 'a window is not finite')
      if (windows[0] === CRASH) process.exit(3)
      return { features: windows.slice(), reconstruction: windows.map(value => value / 2) }
    },
    async close() {},
  }
  return scorer
}

/** A window of the fake with this score. */
export const windowOf = (score: number): Float32Array => new Float32Array(WINDOW).fill(score)
