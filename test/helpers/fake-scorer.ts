import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { AuscultError } from '../../src/errors.ts'
import type { PassedOver } from '../../src/model/engine.ts'
import type { LoadScorer, Scorer } from '../../src/model/scorer.ts'

/** Values that make the fake misbehave when a window starts with them. */
export const FAIL_BATCH = 666
export const CRASH = 999

/** The same, on a GPU only: its thread dies, it never answers again, or it is lost so that the CPU goes on. */
export const CRASH_GPU = 998
export const HANG_GPU = 997
export const LOSE_GPU = 996

/** Samples of a window of the fake. */
export const WINDOW = 4

/** This module, for the worker threads of a pool. */
export const FAKE_SCORER = new URL('fake-scorer.ts', import.meta.url).href

/**
 * A scorer without a model: the score of a window is the mean of its absolute values, its latent the first two, its features are its
 * values, of which the half is expected.
 * The bundle's name is a query: `?delay=20` milliseconds a batch, `?refuse=path` is a damaged bundle while that
 * file exists. With `?gpu` it computes on what it takes for a GPU, unless
 * it is told to use the CPU.
 */
export const loadScorer: LoadScorer = async (bundle, engine) => {
  const query = new URLSearchParams(bundle.split('?')[1])
  if (existsSync(query.get('refuse') ?? ''))
    throw new AuscultError('AUSCULT_BUNDLE', 'a golden window scores differently', { at: bundle })
  const delay = Number(query.get('delay') ?? 0)
  let device = query.has('gpu') && engine.device !== 'cpu' ? 'webgpu' : 'fake'
  const passedOver: PassedOver[] =
    device === 'webgpu' ? [{ device: 'cuda', reason: 'its library is not installed' }] : []
  const gpuMayFail = (value: number): void => {
    if (device !== 'webgpu') return
    if (value === CRASH_GPU) process.exit(3)
    // As in a driver: nothing can interrupt it.
    if (value === HANG_GPU) spawnSync('sleep', ['3'])
    if (value !== LOSE_GPU) return
    device = 'cpu'
    passedOver.push({ device: 'webgpu', reason: 'it was lost while it was used: no more', remedy: 'Buy another.' })
  }
  const scorer: Scorer = {
    windowShape: [WINDOW],
    latentSize: 2,
    passedOver,
    get device() {
      return device
    },
    async score(windows, n) {
      if (delay > 0) await new Promise(resolve => setTimeout(resolve, delay))
      if (!windows.every(Number.isFinite)) throw new AuscultError('AUSCULT_NON_FINITE', 'a window is not finite')
      const rows = Array.from({ length: n }, (_, i) => windows.subarray(i * WINDOW, (i + 1) * WINDOW))
      if (rows.some(row => row[0] === CRASH)) process.exit(3)
      for (const row of rows) gpuMayFail(row[0])
      if (rows.some(row => row[0] === FAIL_BATCH)) throw new AuscultError('AUSCULT_ENGINE', 'out of memory')
      const scores = Float32Array.from(rows, row => row.reduce((sum, x) => sum + Math.abs(x), 0) / WINDOW)
      return { scores, latents: Float32Array.from(rows.flatMap(row => [row[0], row[1]])), latentSize: 2 }
    },
    async reconstruct(windows) {
      if (!windows.every(Number.isFinite)) throw new AuscultError('AUSCULT_NON_FINITE', 'a window is not finite')
      if (windows[0] === CRASH) process.exit(3)
      gpuMayFail(windows[0])
      return { features: windows.slice(), reconstruction: windows.map(value => value / 2) }
    },
    async close() {},
  }
  return scorer
}

/** A window of the fake with this score. */
export const windowOf = (score: number): Float32Array => new Float32Array(WINDOW).fill(score)
