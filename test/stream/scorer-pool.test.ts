import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/logger.ts'
import { ScorerPool } from '../../src/stream/scorer-pool.ts'
import type { BatchResult } from '../../src/stream/scorer-slot.ts'
import { CRASH, FAIL_BATCH, FAKE_SCORER, WINDOW, windowOf } from '../helpers/fake-scorer.ts'
import { until } from '../helpers/until.ts'

const pools: ScorerPool[] = []

function makePool(options: { bundle?: string; workers?: number; loader?: string } = {}): ScorerPool {
  const { bundle = 'fake', workers = 1, loader = FAKE_SCORER } = options
  const engine = { device: 'cpu', threads: 1 } as const
  const pool = new ScorerPool({ loader, bundle, engine, workers, batch: 8, logger: silentLogger })
  pools.push(pool)
  return pool
}

async function startPool(options?: Parameters<typeof makePool>[0]): Promise<ScorerPool> {
  const pool = makePool(options)
  await pool.start(new AbortController().signal)
  return pool
}

/** Submits once there is room. */
async function score(pool: ScorerPool, ...values: number[]): Promise<BatchResult> {
  await until(() => pool.free)
  return submit(pool, ...values)
}

function submit(pool: ScorerPool, ...values: number[]): Promise<BatchResult> {
  return new Promise(resolve => {
    const windows = pool.buffer()
    values.forEach((value, i) => {
      windows.set(windowOf(value), i * WINDOW)
    })
    pool.submit(windows, values.length, result => resolve(result))
  })
}

const scoresOf = (result: BatchResult) => (result.ok ? [...result.scores.scores] : result.reason)

afterEach(async () => {
  await Promise.all(pools.splice(0).map(pool => pool.stop(Date.now() + 2000)))
})

describe('ScorerPool', () => {
  it('scores in a thread and says what it loaded', async () => {
    const pool = await startPool()
    expect(pool.model).toMatchObject({ device: 'fake', windowSize: WINDOW, latentSize: 2 })
    expect(pool.status()).toEqual({ ok: true, reason: '1 of 1 threads on fake' })
    expect(scoresOf(await score(pool, 1, 2, 3))).toEqual([1, 2, 3])
  })

  it('shares the memory of windows with the thread instead of copying them', async () => {
    const pool = await startPool()
    const windows = pool.buffer()
    const done = new Promise(resolve => pool.submit(windows, 1, resolve))
    await done
    expect(windows.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(pool.buffer()).toHaveLength(8 * WINDOW)
  })

  it('shows the windows of a batch again when it is done, in order, and nothing of those that died with a thread', async () => {
    const pool = await startPool({ workers: 2, bundle: 'fake?delay=15' })
    const seen: (number | undefined)[] = []
    const show = (value: number) =>
      new Promise<void>(resolve => {
        const array = pool.buffer()
        array.set(windowOf(value))
        pool.submit(array, 1, (_, windows) => {
          seen.push(windows?.[0])
          resolve()
        })
      })
    await Promise.all([show(1), show(2), show(3), show(4)])
    await show(CRASH)
    expect(seen).toEqual([1, 2, 3, 4, undefined])
  })

  it('takes a buffer back only when its windows have been looked at', async () => {
    const pool = await startPool()
    const windows = pool.buffer()
    const other = await new Promise<[Float32Array | undefined, Float32Array]>(resolve =>
      pool.submit(windows, 1, (_, back) => resolve([back, pool.buffer()])),
    )
    expect(other[0]?.buffer).not.toBe(other[1].buffer)
    expect(pool.buffer().buffer).toBe(other[0]?.buffer)
  })

  it('fails one bad window and not its neighbours', async () => {
    const pool = await startPool()
    expect(scoresOf(await score(pool, 1, Number.NaN, 3))).toEqual([1, Number.NaN, 3])
  })

  it('fails a batch that the engine refuses, and goes on', async () => {
    const pool = await startPool()
    const failed = await score(pool, 1, FAIL_BATCH)
    expect(failed).toMatchObject({ ok: false, reason: 'engine', error: { code: 'AUSCULT_ENGINE' } })
    expect(scoresOf(await score(pool, 5))).toEqual([5])
    expect(pool.restarts).toBe(0)
  })

  it('completes in order of submission, whichever thread is faster', async () => {
    const pool = await startPool({ workers: 2, bundle: 'fake?delay=15' })
    const order: number[] = []
    await Promise.all([1, 2, 3, 4].map(i => score(pool, ...new Array(i % 2 ? 8 : 1).fill(i)).then(() => order.push(i))))
    expect(order).toEqual([1, 2, 3, 4])
  })

  it('takes two batches a thread and then says that it is full', async () => {
    const pool = await startPool({ bundle: 'fake?delay=30' })
    let freed = 0
    pool.onFree = () => freed++
    const both = [score(pool, 1), score(pool, 2)]
    await until(() => !pool.free)
    await Promise.all(both)
    expect(pool.free).toBe(true)
    expect(freed).toBeGreaterThan(0)
  })

  it('starts a crashed thread again; its batch fails as worker_crashed', async () => {
    const pool = await startPool()
    expect(await score(pool, CRASH)).toMatchObject({ ok: false, reason: 'worker_crashed' })
    expect(pool.status().ok).toBe(false)
    expect(scoresOf(await score(pool, 7))).toEqual([7])
    expect(pool.restarts).toBe(1)
  })

  it('goes on trying while a crashed thread cannot be started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'auscult-pool-'))
    const damage = join(folder, 'damage')
    const pool = await startPool({ bundle: `fake?refuse=${damage}` })
    writeFileSync(damage, '')
    await score(pool, CRASH)
    await until(() => pool.restarts >= 2)
    await until(() => pool.status().reason === 'a golden window scores differently')
    expect(pool.status().ok).toBe(false)
    rmSync(folder, { recursive: true })
    expect(scoresOf(await score(pool, 7))).toEqual([7])
  })

  describe('explain', () => {
    it('tells what the model makes of one window, while batches flow, in their order', async () => {
      const pool = await startPool({ bundle: 'fake?delay=10' })
      const order: string[] = []
      const note = (name: string) => () => void order.push(name)
      const window = Float32Array.of(1, 2, 3, 4)
      const batches = [submit(pool, 1).then(note('a')), submit(pool, 2).then(note('b'))]
      const asked = pool.explain(window).then(result => {
        order.push('explained')
        return result
      })
      window.fill(0)
      await batches[0]
      batches.push(submit(pool, 3).then(note('c')))
      expect(await asked).toEqual({
        features: Float32Array.of(1, 2, 3, 4),
        reconstruction: Float32Array.of(0.5, 1, 1.5, 2),
      })
      await Promise.all(batches)
      expect(order).toEqual(['a', 'b', 'explained', 'c'])
    })

    it('answers many one after another, and refuses more than may wait', async () => {
      const pool = await startPool({ workers: 2 })
      const asked = Array.from({ length: 30 }, (_, i) => pool.explain(windowOf(i)))
      const results = await Promise.allSettled(asked)
      const answered = results.flatMap(result => (result.status === 'fulfilled' ? [result.value.features[0]] : []))
      expect(answered).toEqual(Array.from({ length: 18 }, (_, i) => i))
      const refused = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []))
      expect(refused).toHaveLength(12)
      expect(refused[0]).toMatchObject({ code: 'AUSCULT_ENGINE', canRetry: true })
    })

    it('passes on what the model refuses', async () => {
      const pool = await startPool()
      await expect(pool.explain(windowOf(Number.NaN))).rejects.toMatchObject({ code: 'AUSCULT_NON_FINITE' })
      expect((await pool.explain(windowOf(1))).features).toEqual(windowOf(1))
    })

    it('rejects when the thread dies, and answers those that waited once it is back', async () => {
      const pool = await startPool()
      const lost = pool.explain(windowOf(CRASH))
      const next = pool.explain(windowOf(2))
      await expect(lost).rejects.toMatchObject({ code: 'AUSCULT_ENGINE', canRetry: true })
      expect((await next).features).toEqual(windowOf(2))
      expect(pool.restarts).toBe(1)
    })

    it('rejects those that wait when the pool stops', async () => {
      const pool = await startPool({ bundle: 'fake?delay=30' })
      const last = submit(pool, 1)
      const asked = [pool.explain(windowOf(1)), pool.explain(windowOf(2))]
      const settled = Promise.allSettled(asked)
      await pool.stop(Date.now() + 2000)
      const [first, second] = await settled
      expect(first).toMatchObject({ status: 'fulfilled' })
      expect(second).toMatchObject({ status: 'rejected', reason: { code: 'AUSCULT_QUEUE_CLOSED' } })
      expect(scoresOf(await last)).toEqual([1])
      await expect(pool.explain(windowOf(3))).rejects.toMatchObject({ code: 'AUSCULT_QUEUE_CLOSED' })
    })
  })

  it('rejects the start with the error of the bundle', async () => {
    const bundle = 'fake?refuse=package.json'
    await expect(startPool({ bundle })).rejects.toMatchObject({ code: 'AUSCULT_BUNDLE', at: bundle })
  })

  it('rejects the start when there is no such module', async () => {
    await expect(startPool({ loader: 'file:///nowhere/scorer.ts' })).rejects.toMatchObject({ code: 'AUSCULT_ENGINE' })
  })

  it('gives up a start that is aborted', async () => {
    const abort = new AbortController()
    const starting = makePool().start(abort.signal)
    abort.abort(new Error('enough'))
    await expect(starting).rejects.toThrow('enough')
  })

  it('finishes what it was given before it stops', async () => {
    const pool = await startPool({ bundle: 'fake?delay=40' })
    const last = submit(pool, 9)
    await pool.stop(Date.now() + 2000)
    expect(scoresOf(await last)).toEqual([9])
  })

  it('kills a thread that does not end by the deadline', async () => {
    const pool = await startPool({ bundle: 'fake?delay=60000' })
    const last = submit(pool, 9)
    const before = Date.now()
    await pool.stop(Date.now() + 50)
    expect(Date.now() - before).toBeLessThan(1500)
    expect(await last).toMatchObject({ ok: false, reason: 'worker_crashed' })
  })
})
