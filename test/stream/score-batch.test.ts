import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import type { Scorer } from '../../src/model/scorer.ts'
import { scoreBatch } from '../../src/stream/score-batch.ts'
import { FAIL_BATCH, loadScorer, WINDOW, windowOf } from '../helpers/fake-scorer.ts'

const load = () => loadScorer('fake', { device: 'cpu', threads: 1 })

/** Counts calls, and refuses batches in which a window starts with 13, as an overflow inside the model would. */
async function counted(): Promise<{ scorer: Scorer; calls: number[] }> {
  const inner = await load()
  const calls: number[] = []
  const score: Scorer['score'] = (windows, n) => {
    calls.push(n)
    const rows = Array.from({ length: n }, (_, i) => windows[i * WINDOW])
    if (rows.includes(13)) throw new AuscultError('AUSCULT_NON_FINITE', 'overflow')
    return inner.score(windows, n)
  }
  return { scorer: { ...inner, score }, calls }
}

const batchOf = (values: readonly number[]) => Float32Array.from(values.flatMap(value => [...windowOf(value)]))

describe('scoreBatch', () => {
  it('scores a good batch in one call', async () => {
    const { scorer, calls } = await counted()
    const { scores, latents } = await scoreBatch(scorer, batchOf([1, 2, 3]), 3)
    expect([...scores]).toEqual([1, 2, 3])
    expect([...latents]).toEqual([1, 1, 2, 2, 3, 3])
    expect(calls).toEqual([3])
  })

  it('fails only bad windows, wherever they are', async () => {
    const scorer = await load()
    const value = fc.constantFrom(1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY)
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 20 }), async values => {
        const { scores } = await scoreBatch(scorer, batchOf(values), values.length)
        expect([...scores]).toEqual(values.map(v => (Number.isFinite(v) ? v : Number.NaN)))
      }),
    )
  })

  it('scores the neighbours of a bad window in one more call', async () => {
    const { scorer, calls } = await counted()
    await scoreBatch(scorer, batchOf([1, Number.NaN, 3, 4]), 4)
    expect(calls).toEqual([4, 3])
  })

  it('finds a finite window that the model cannot take', async () => {
    const { scorer } = await counted()
    const { scores } = await scoreBatch(scorer, batchOf([1, 13, Number.NaN, 4]), 4)
    expect([...scores]).toEqual([1, Number.NaN, Number.NaN, 4])
  })

  it('passes on what is not the fault of a window', async () => {
    const failing = scoreBatch(await load(), batchOf([1, FAIL_BATCH]), 2)
    await expect(failing).rejects.toMatchObject({ code: 'AUSCULT_ENGINE' })
  })
})
