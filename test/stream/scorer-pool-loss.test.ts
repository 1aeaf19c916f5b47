import { afterEach, describe, expect, it } from 'vitest'
import type { Logger } from '../../src/logger.ts'
import type { Device } from '../../src/model/engine.ts'
import { ScorerPool } from '../../src/stream/scorer-pool.ts'
import type { BatchResult } from '../../src/stream/scorer-slot.ts'
import { CRASH, CRASH_GPU, FAKE_SCORER, HANG_GPU, LOSE_GPU, WINDOW, windowOf } from '../helpers/fake-scorer.ts'
import { until } from '../helpers/until.ts'

const pools: ScorerPool[] = []
let log: { level: string; entry: Record<string, unknown>; text: string }[] = []

const note =
  (level: string) =>
  (entry: Record<string, unknown>, text: string): void =>
    void log.push({ level, entry, text })
const logger = { info: note('info'), warn: note('warn'), error: note('error'), debug: () => {} } as unknown as Logger

async function startPool({ device = 'auto', workers = 1 }: { device?: Device; workers?: number } = {}) {
  log = []
  const engine = { device, threads: 1 }
  const pool = new ScorerPool({
    ...{ loader: FAKE_SCORER, bundle: 'fake?gpu', engine, workers, batch: 8, logger, hangSeconds: 0.3 },
  })
  pools.push(pool)
  await pool.start(new AbortController().signal)
  return pool
}

/** Submits once there is room; the scores of the batch, or why it failed. */
async function score(pool: ScorerPool, ...values: number[]): Promise<number[] | string> {
  await until(() => pool.free)
  return submit(pool, ...values)
}

function submit(pool: ScorerPool, ...values: number[]): Promise<number[] | string> {
  const windows = pool.buffer()
  values.forEach((value, i) => {
    windows.set(windowOf(value), i * WINDOW)
  })
  return new Promise(resolve =>
    pool.submit(windows, values.length, (result: BatchResult) =>
      resolve(result.ok ? [...result.scores.scores] : result.reason),
    ),
  )
}

const warnings = () => log.filter(({ level }) => level === 'warn')

afterEach(async () => {
  await Promise.all(pools.splice(0).map(pool => pool.stop(Date.now() + 2000)))
})

describe('a device that is lost', () => {
  it('is named when the scorer starts, with those that would have been better', async () => {
    await startPool()
    expect(log).toEqual([
      {
        level: 'info',
        entry: { device: 'webgpu', passed_over: { cuda: 'its library is not installed' } },
        text: 'scoring on webgpu',
      },
    ])
  })

  it('costs no window where the scorer goes on with the CPU, and everybody is told', async () => {
    const pool = await startPool()
    expect([pool.devices, pool.fallbacks]).toEqual([{ webgpu: 1 }, 0])
    const results = await Promise.all([submit(pool, 1, LOSE_GPU), submit(pool, 2)])
    expect(results).toEqual([[1, LOSE_GPU], [2]])
    expect([pool.devices, pool.fallbacks, pool.restarts]).toEqual([{ cpu: 1 }, 1, 0])
    const reason = 'it was lost while it was used: no more'
    expect(pool.status()).toEqual({ ok: true, reason: `1 of 1 threads on cpu since webgpu was lost: ${reason}` })
    expect(warnings()).toEqual([
      {
        level: 'warn',
        entry: { device: 'webgpu', reason, remedy: 'Buy another.', batches: 2 },
        text: 'webgpu was lost; scoring on cpu, no window is lost',
      },
    ])
  })

  it('costs no window where it takes the thread with it, and the order stays', async () => {
    const pool = await startPool()
    const order: number[] = []
    const results = await Promise.all([
      submit(pool, 3, CRASH_GPU).then(result => order.push(1) && result),
      submit(pool, 4).then(result => order.push(2) && result),
      score(pool, 5).then(result => order.push(3) && result),
    ])
    expect(results).toEqual([[3, CRASH_GPU], [4], [5]])
    expect(order).toEqual([1, 2, 3])
    expect([pool.fallbacks, pool.restarts]).toEqual([1, 1])
    expect(pool.status()).toEqual({
      ok: true,
      reason: '1 of 1 threads on fake since webgpu was lost: the scorer thread died',
    })
  })

  it('costs no window where it never answers again', async () => {
    const pool = await startPool()
    expect(await Promise.all([submit(pool, 6, HANG_GPU), submit(pool, 7)])).toEqual([[6, HANG_GPU], [7]])
    expect(pool.status()).toMatchObject({ ok: true, reason: expect.stringContaining('has not answered for 0.3 s') })
    expect(await score(pool, 8)).toEqual([8])
    expect([pool.fallbacks, pool.restarts]).toEqual([1, 1])
  })

  it('is noticed while one window is explained, too', async () => {
    const pool = await startPool()
    await expect(pool.explain(windowOf(HANG_GPU))).rejects.toMatchObject({ code: 'AUSCULT_ENGINE', canRetry: true })
    expect((await pool.explain(windowOf(2))).features).toEqual(windowOf(2))
    expect(pool.fallbacks).toBe(1)
  })

  it('leaves other threads where they are', async () => {
    const pool = await startPool({ workers: 2 })
    expect(await score(pool, CRASH_GPU)).toEqual([CRASH_GPU])
    expect(pool.devices).toEqual({ fake: 1, webgpu: 1 })
    expect(pool.status().reason).toBe('2 of 2 threads on webgpu, fake since webgpu was lost: the scorer thread died')
  })

  it('saves nobody from a window that kills the thread on the CPU as well', async () => {
    const pool = await startPool()
    expect(await score(pool, CRASH)).toBe('worker_crashed')
    expect(await score(pool, 9)).toEqual([9])
    expect([pool.fallbacks, pool.restarts]).toEqual([1, 2])
  })

  it('waits for a CPU as long as it takes: nothing is kept, nothing given up', async () => {
    const pool = await startPool({ device: 'cpu' })
    expect(await score(pool, HANG_GPU)).toEqual([HANG_GPU])
    expect(await score(pool, CRASH_GPU)).toEqual([CRASH_GPU])
    expect(pool.fallbacks).toBe(0)
    expect(warnings()).toEqual([])
  })

  it('lets the pool stop though it hangs; what it had fails', async () => {
    const pool = await startPool()
    const lost = submit(pool, HANG_GPU)
    const before = Date.now()
    await pool.stop(Date.now() + 50)
    expect(Date.now() - before).toBeLessThan(2500)
    expect(await lost).toBe('worker_crashed')
  })
})
