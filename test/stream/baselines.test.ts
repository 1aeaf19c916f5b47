import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/logger.ts'
import type { Baseline } from '../../src/model/drift/baseline.ts'
import { driftSchema } from '../../src/model/drift/config.ts'
import { dailySchema } from '../../src/model/drift/daily.ts'
import { recalibrate, recalibrationSchema } from '../../src/model/drift/recalibrate.ts'
import type { Calibration } from '../../src/model/manifest.ts'
import { type ThresholdPolicy, thresholdSchema } from '../../src/model/threshold.ts'
import { BaselineKeeper, type BaselineKeeperOptions } from '../../src/stream/baselines.ts'
import { EventStore, storeSchema } from '../../src/stream/store/event-store.ts'
import { calibrationOf, type ScoreProcess, scoreStream } from '../model/drift/simulate.ts'

const HOUR = 3600
const DAY_MS = 86_400_000
const process: ScoreProcess = { family: 'lognormal', correlation: 0.3, spread: 0.2, seed: 6 }
const calibration = calibrationOf(process)
const percentile = thresholdSchema.parse({ policy: 'percentile' })
const spot = thresholdSchema.parse({ policy: 'spot', q: 1e-3 })
const learning = {
  drift: driftSchema.parse({}),
  daily: dailySchema.parse({}),
  recalibration: recalibrationSchema.parse({}),
}

let folder: string
const running: EventStore[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-baselines-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map(store => store.stop()))
  rmSync(folder, { recursive: true })
})

async function openStore(): Promise<EventStore> {
  const store = new EventStore(storeSchema.parse({ path: join(folder, 'events.db') }), systemClock, silentLogger)
  await store.start()
  running.push(store)
  return store
}

const keeperOf = (store: BaselineKeeperOptions['store'], options: Partial<BaselineKeeperOptions> = {}) =>
  new BaselineKeeper({
    options: learning,
    policyOf: () => percentile,
    calibrationOf: () => calibration,
    key: 'bundle 1',
    store,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  })

/** Five hours of windows, a second each; from the second hour on on another level. */
function listen(baseline: Baseline, factor = 3): Baseline {
  const next = scoreStream(process)
  for (let i = 0; i < 3 * HOUR; i++) {
    const [score, time] = [next(i < HOUR ? 1 : factor), i * 1000]
    const above = score > baseline.threshold(time)
    baseline.push({ score, time, above, open: above })
  }
  return baseline
}

/** A store of one process that ends, with a baseline that has heard something; and the store of the next process. */
async function restarted(replays = false) {
  const store = await openStore()
  const keeper = keeperOf(store)
  await keeper.start()
  const before = listen(keeper.open('fan', replays)).snapshot()
  await keeper.stop(Date.now() + 5000)
  await store.stop()
  return { before, store: await openStore() }
}

describe('BaselineKeeper over a restart', () => {
  it('goes on with level, drift and scores', async () => {
    const { before, store } = await restarted()
    const keeper = keeperOf(store)
    await keeper.start()
    const baseline = keeper.open('fan')
    expect(baseline.snapshot()).toEqual(before)
    expect(baseline.factor).toBeCloseTo(3, 0)
    expect(baseline.scores.length).toBeGreaterThan(1000)
    expect(keeper.counts).toEqual({ restored: 1, refused: 0, unsaved: 0 })
    expect(keeper.open('fan')).toBe(baseline)
  })

  it('goes on with baselines that were opened before the start', async () => {
    const { before, store } = await restarted()
    const keeper = keeperOf(store)
    const baseline = keeper.open('fan')
    expect(baseline.factor).toBe(1)
    await keeper.start()
    expect(baseline.snapshot()).toEqual(before)
  })

  it('keeps nothing of a source that replays', async () => {
    const { store } = await restarted(true)
    expect(await store.states('baseline/')).toEqual(new Map())
  })

  it('restores nothing of a source that replays', async () => {
    const { store } = await restarted()
    const keeper = keeperOf(store)
    await keeper.start()
    expect(keeper.open('fan', true).scores).toHaveLength(0)
    expect(keeper.counts.restored).toBe(0)
  })

  it('begins anew with another model or configuration', async () => {
    const { store } = await restarted()
    const keeper = keeperOf(store, { key: 'bundle 2' })
    await keeper.start()
    expect(keeper.open('fan').scores).toHaveLength(0)
    expect(keeper.counts).toEqual({ restored: 0, refused: 0, unsaved: 0 })
  })

  it('keeps level and scores with another policy, and scores alone with another calibration', async () => {
    const { store } = await restarted()
    const other = keeperOf(store, { policyOf: () => spot })
    await other.start()
    expect(other.open('fan').factor).toBeCloseTo(3, 0)
    const recalibrated = keeperOf(store, { calibrationOf: () => calibrationOf({ ...process, seed: 60 }) })
    await recalibrated.start()
    expect(recalibrated.open('fan').factor).toBe(1)
    expect(recalibrated.open('fan').scores.length).toBeGreaterThan(1000)
  })

  it('begins anew after thirty days, and removes what is as old', async () => {
    const { store } = await restarted()
    const in30 = (days: number): Clock => ({ ...systemClock, now: () => Date.now() + days * DAY_MS })
    const early = keeperOf(store, { clock: in30(29) })
    await early.start()
    expect(early.open('fan').scores.length).toBeGreaterThan(0)
    const late = keeperOf(store, { clock: in30(31) })
    await late.start()
    expect(late.open('fan').scores).toHaveLength(0)
    await vi.waitFor(async () => expect(await store.state('baseline/fan')).toBeUndefined())
  })

  it('refuses what is half-written, edited or of another version, and begins anew', async () => {
    const { store } = await restarted()
    const saved = (await store.state('baseline/fan')) as { version: number; baseline: { shift: object } }
    const edited = structuredClone(saved)
    Object.assign(edited.baseline.shift, { lasted: 1e6 })
    const warn = vi.fn()
    const broken = [null, 'x', { ...saved, version: 2 }, { ...saved, baseline: {} }, edited, { version: 1 }]
    for (const raw of broken) {
      await store.putState('baseline/fan', raw)
      const keeper = keeperOf(store, { logger: { ...silentLogger, warn } as never })
      await keeper.start()
      expect(keeper.open('fan').scores).toHaveLength(0)
      expect(keeper.counts.refused).toBe(1)
    }
    expect(warn).toHaveBeenCalledTimes(broken.length)
    expect(warn.mock.calls.at(-2)).toEqual([
      { source: 'fan', error: expect.stringContaining('checksum') },
      expect.stringContaining('learnt anew'),
    ])
  })
})

/** A store that keeps what is put, unless told to fail. */
function fakeStore() {
  const kept = new Map<string, unknown>()
  const store = {
    kept,
    fails: false,
    putState: vi.fn(async (key: string, value: unknown) => {
      if (store.fails) throw new Error('the disk is full')
      kept.set(key, structuredClone(value))
    }),
    states: async () => new Map(kept),
  }
  return store
}

describe('BaselineKeeper while it runs', () => {
  afterEach(() => void vi.useRealTimers())

  const some = (keeper: BaselineKeeper, sources: number) =>
    Array.from({ length: sources }, (_, i) => keeper.open(`fan/${i}`))
  const push = (baseline: Baseline, time = 0) => baseline.push({ score: 1, time, above: false, open: false })

  it('saves every source that changed within five minutes, a few at a time', async () => {
    vi.useFakeTimers()
    const store = fakeStore()
    const keeper = keeperOf(store)
    await keeper.start()
    const baselines = some(keeper, 900)
    for (const baseline of baselines.slice(100)) push(baseline)
    let most = 0
    for (let second = 0; second < 300; second++) {
      const before = store.putState.mock.calls.length
      await vi.advanceTimersByTimeAsync(1000)
      most = Math.max(most, store.putState.mock.calls.length - before)
    }
    expect(most).toBe(3)
    expect(store.kept.size).toBe(800)
    await vi.advanceTimersByTimeAsync(300_000)
    expect(store.putState).toHaveBeenCalledTimes(800)
    push(baselines[5])
    await vi.advanceTimersByTimeAsync(300_000)
    expect(store.putState).toHaveBeenCalledTimes(801)
    await keeper.stop(Date.now() + 1000)
  })

  it('saves a single source every five minutes', async () => {
    vi.useFakeTimers()
    const store = fakeStore()
    const keeper = keeperOf(store)
    await keeper.start()
    const baseline = keeper.open('fan')
    for (let minute = 1; minute <= 20; minute++) {
      push(baseline)
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect(store.putState).toHaveBeenCalledTimes(4)
    await keeper.stop(Date.now() + 1000)
  })

  it('tries again what could not be saved, and says so', async () => {
    const store = fakeStore()
    const keeper = keeperOf(store)
    await keeper.start()
    push(keeper.open('fan'))
    store.fails = true
    await keeper.save()
    expect(keeper.status()).toEqual({ ok: false, reason: '1 could not be saved' })
    store.fails = false
    await keeper.stop(Date.now() + 1000)
    expect(store.kept.has('baseline/fan')).toBe(true)
    expect(keeper.status().ok).toBe(true)
  })

  it('saves a source at once that another process goes on with', async () => {
    const store = fakeStore()
    const keeper = keeperOf(store)
    const [one, two] = some(keeper, 2)
    push(one)
    push(two)
    await keeper.released('fan/1')
    await keeper.released('unknown')
    expect([...store.kept.keys()]).toEqual(['baseline/fan/1'])
  })

  it('stops at the deadline', async () => {
    const store = fakeStore()
    const keeper = keeperOf(store)
    for (const baseline of some(keeper, 40)) push(baseline)
    await keeper.stop(Date.now() - 1)
    expect(store.putState).not.toHaveBeenCalled()
  })
})

describe('BaselineKeeper.rejudge', () => {
  it('gives another policy to the baselines that lanes hold, and to no other source', () => {
    const policies = new Map<string, ThresholdPolicy>()
    const keeper = keeperOf(fakeStore(), { policyOf: source => policies.get(source) ?? percentile })
    const [one, two] = ['one', 'two'].map(source => listen(keeper.open(source)))
    const before = [one.threshold(0), two.threshold(0)]
    for (const source of ['one', 'two']) policies.set(source, { policy: 'value', value: 50 })
    keeper.rejudge('one')
    expect(one.threshold(0)).toBeGreaterThan(50)
    expect(one.factor).toBeCloseTo(3, 0)
    expect(two.threshold(0)).toBe(before[1])
    keeper.rejudge()
    expect(two.threshold(0)).toBe(one.threshold(0))
    keeper.rejudge('unknown')
  })

  it('begins anew with another calibration, with the scores or without', () => {
    let current: Calibration = calibration
    const keeper = keeperOf(fakeStore(), { calibrationOf: () => current })
    const baseline = listen(keeper.open('fan'))
    const { scores } = baseline
    const options = { ...learning.recalibration, current, policy: percentile, force: true }
    current = recalibrate(scores, options).calibration
    keeper.rejudge('fan')
    expect(baseline.factor).toBe(1)
    expect(baseline.scores).toHaveLength(scores.length)
    expect(baseline.threshold(0)).toBeGreaterThan(2.5)
    keeper.rejudge('fan', { clearScores: true })
    expect(baseline.scores).toHaveLength(0)
  })

  it('changes no source when one of them does not allow its policy', () => {
    let policy: ThresholdPolicy = percentile
    const few = { ...calibration, count: 9 }
    const keeper = keeperOf(fakeStore(), {
      policyOf: () => policy,
      calibrationOf: source => (source === 'few' ? few : calibration),
    })
    const baselines = ['many', 'few'].map(source => keeper.open(source))
    const before = baselines.map(baseline => baseline.snapshot())
    policy = spot
    expect(() => keeper.rejudge()).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG' }))
    expect(baselines.map(baseline => baseline.snapshot())).toEqual(before)
  })

  it('is saved though no window came', async () => {
    const store = fakeStore()
    const keeper = keeperOf(store)
    keeper.open('fan')
    await keeper.save()
    expect(store.kept.size).toBe(0)
    keeper.rejudge('fan')
    await keeper.save()
    expect(store.kept.size).toBe(1)
  })
})
