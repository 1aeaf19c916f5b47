import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { AuscultError } from '../../src/errors.ts'
import { silentLogger } from '../../src/logger.ts'
import { type Deferred, deferred } from '../../src/stream/deferred.ts'
import { Pipeline, type PipelineOptions } from '../../src/stream/pipeline.ts'
import { scoreBatch } from '../../src/stream/score-batch.ts'
import type { BatchResult } from '../../src/stream/scorer-slot.ts'
import type { EpisodeEvent, Score } from '../../src/types.ts'
import { FakeFeed } from '../helpers/fake-feed.ts'
import { FAIL_BATCH, loadScorer, WINDOW } from '../helpers/fake-scorer.ts'
import { until } from '../helpers/until.ts'

const BATCH = 4

/** The scorer's pool without threads: one batch at a time, each after a turn of the event loop, or held until `open` resolves. */
class FakePool {
  onFree = () => {}
  batches: number[] = []
  hold: Promise<void> | undefined
  readonly model = { type: 'ready', device: 'fake', windowSize: WINDOW, latentSize: 2 } as const
  #busy = false

  get free(): boolean {
    return !this.#busy
  }

  buffer(): Float32Array {
    return new Float32Array(BATCH * WINDOW)
  }

  submit(windows: Float32Array, n: number, done: (result: BatchResult) => void): void {
    this.#busy = true
    this.batches.push(n)
    void this.#score(windows, n).then(result => {
      this.#busy = false
      done(result)
      this.onFree()
    })
  }

  async #score(windows: Float32Array, n: number): Promise<BatchResult> {
    await new Promise(resolve => setImmediate(resolve))
    await this.hold
    const scorer = await loadScorer('fake', { device: 'cpu', threads: 1 })
    try {
      return { ok: true, scores: await scoreBatch(scorer, windows.subarray(0, n * WINDOW), n), seconds: 0.001 }
    } catch (error) {
      return { ok: false, reason: 'engine', error: error as AuscultError }
    }
  }
}

/** A store whose disk answers when the test says so. */
class FakeStore {
  readonly events: EpisodeEvent[] = []
  disk: Promise<void> = Promise.resolve()

  async append(events: readonly EpisodeEvent[]): Promise<void> {
    if (events.length === 0) return
    await this.disk
    this.events.push(...events)
  }
}

const running: Pipeline[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(pipeline => pipeline.stop(Date.now() + 1000)))
})

async function run(feeds: FakeFeed[], options: Partial<PipelineOptions> = {}) {
  const pool = new FakePool()
  const store = new FakeStore()
  const scores: Score[] = []
  const published: EpisodeEvent[] = []
  const pipeline = new Pipeline({
    feeds,
    capacity: 8,
    batch: { max: BATCH, wait_ms: 5 },
    detector: { open_after: 2, close_after: 2, cooldown: 0, update_every: 1 },
    threshold: 1,
    duration: 1,
    pool,
    store,
    sinks: [{ wantsScores: true, score: s => scores.push(s), event: e => published.push(e) }],
    telemetry: { scoreRatio() {}, batch() {}, latency() {} },
    clock: systemClock,
    logger: silentLogger,
    ...options,
  })
  running.push(pipeline)
  const start = () => pipeline.start(new AbortController().signal)
  return { pipeline, pool, store, scores, published, start }
}

async function started(feeds: FakeFeed[], options?: Partial<PipelineOptions>) {
  const parts = await run(feeds, options)
  await parts.start()
  return parts
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, n) => sum + n, 0)

describe('Pipeline', () => {
  it('scores every window in order, acknowledges it, and finishes when the feed ends', async () => {
    const feed = new FakeFeed('mic', new Array(30).fill(0.5))
    const { pipeline, scores } = await started([feed])
    await pipeline.finished
    expect(scores.map(score => score.index)).toEqual(upTo(30))
    expect(scores[3]).toMatchObject({
      source: 'mic',
      score: 0.5,
      threshold: 1,
      anomalous: false,
      duration: 1,
      time: 1500,
    })
    expect([...scores[3].latent]).toEqual([0.5, 0.5])
    expect(feed.acked).toEqual(upTo(30))
    expect(pipeline.ledger.account('mic')).toMatchObject({ received: 30, scored: 30, inFlight: 0 })
    expect(pipeline.sources()[0]).toMatchObject({ state: 'ended', score: 0.5 })
  })

  it('batches across sources', async () => {
    const { pipeline, pool } = await started([new FakeFeed('a', [0, 0]), new FakeFeed('b', [0, 0])])
    await pipeline.finished
    expect(pool.batches).toEqual([4])
  })

  it('stores episodes before it publishes them and acknowledges their windows', async () => {
    const feed = new FakeFeed('mic', [0, 0, 5, 6])
    feed.after = 'silence'
    const parts = await run([feed])
    const disk = deferred()
    parts.store.disk = disk.promise
    await parts.start()
    await until(() => parts.scores.length === 4)
    expect([feed.acked, parts.published]).toEqual([[], []])
    disk.resolve()
    await until(() => parts.published.length === 1)
    expect(parts.published[0]).toMatchObject({ type: 'episode.opened', episode: { openedAt: 1000, windows: 2 } })
    expect(feed.acked).toEqual([0, 1, 2, 3])
  })

  it('closes what is open when the feed ends, and waits for the disk before it is finished', async () => {
    const { pipeline, store, published } = await started([new FakeFeed('mic', [5, 6, 7])])
    await pipeline.finished
    expect(store.events.map(event => event.type)).toEqual(['episode.opened', 'episode.closed'])
    expect(published.at(-1)?.episode).toMatchObject({ state: 'closed', closeReason: 'source_ended', windows: 3 })
    expect(pipeline.sources()[0]).toMatchObject({ episodes: 1, episodeOpen: false })
  })

  it('fails a window of NaN or of a wrong length alone', async () => {
    const feed = new FakeFeed('mic', [0.1, Number.NaN, 0.2, new Float32Array(7), 0.3])
    const { pipeline, scores } = await started([feed])
    await pipeline.finished
    expect(scores.map(score => score.index)).toEqual([0, 2, 4])
    expect(feed.acked.toSorted()).toEqual(upTo(5))
    expect(pipeline.ledger.account('mic')).toMatchObject({ scored: 3, failed: { non_finite: 1, input_shape: 1 } })
  })

  it('finishes when nothing but windows of a wrong length came', async () => {
    const { pipeline } = await started([new FakeFeed('mic', [new Float32Array(7)])])
    await pipeline.finished
    expect(pipeline.ledger.account('mic').failed).toEqual({ input_shape: 1 })
  })

  it('fails a batch that the engine refuses, and goes on', async () => {
    const feed = new FakeFeed('mic', [0, FAIL_BATCH, 0, 0, 0.5, 0.5, 0.5, 0.5])
    const { pipeline } = await started([feed])
    await pipeline.finished
    expect(pipeline.ledger.account('mic')).toMatchObject({ scored: 4, failed: { engine: 4 } })
    expect(feed.acked).toEqual(upTo(8))
  })

  it('counts what the source itself could not read', async () => {
    const feed = new FakeFeed('mic', [0])
    feed.failures = [{ source: 'mic', reason: 'decode', at: 'a.wav', error: new Error('truncated'), windows: 3 }]
    const { pipeline } = await started([feed])
    await pipeline.finished
    expect(pipeline.ledger.account('mic')).toMatchObject({ received: 4, scored: 1, failed: { decode: 3 } })
  })

  it('lets a source that can wait do so', async () => {
    const feed = new FakeFeed('file', new Array(100).fill(0))
    const parts = await run([feed])
    const gate = deferred()
    parts.pool.hold = gate.promise
    await parts.start()
    await new Promise(resolve => setTimeout(resolve, 30))
    expect(feed.pulled).toBe(BATCH + 8 + 1)
    gate.resolve()
    await parts.pipeline.finished
    expect(parts.pipeline.ledger.account('file')).toMatchObject({ received: 100, scored: 100 })
  })

  it('drops the oldest windows of a source that cannot wait, and counts them', async () => {
    const feed = new FakeFeed('mic', new Array(100).fill(0), 'drop-oldest')
    const parts = await run([feed])
    const gate = deferred()
    parts.pool.hold = gate.promise
    await parts.start()
    await until(() => feed.pulled === 100)
    gate.resolve()
    await parts.pipeline.finished
    const account = parts.pipeline.ledger.account('mic')
    expect(account).toMatchObject({ received: 100, scored: BATCH + 8, dropped: { overflow: 100 - BATCH - 8 } })
    expect(parts.scores.map(score => score.index)).toEqual([0, 1, 2, 3, 92, 93, 94, 95, 96, 97, 98, 99])
    expect(feed.acked.toSorted((a, b) => a - b)).toEqual(upTo(100))
  })

  it('keeps other sources going when one breaks off, and says so at the end', async () => {
    const broken = new FakeFeed('broken', [5, 5])
    broken.after = 'fail'
    const { pipeline, published } = await started([broken, new FakeFeed('good', new Array(20).fill(0))])
    await expect(pipeline.finished).rejects.toThrow('the cable is cut')
    expect(pipeline.sources()).toMatchObject([{ state: 'failed', reason: 'the cable is cut' }, { state: 'ended' }])
    expect(pipeline.ledger.account('good').scored).toBe(20)
    expect(published.at(-1)?.episode.closeReason).toBe('source_failed')
  })

  it('refuses to start when a source is not there', async () => {
    const feed = new FakeFeed('mic', [])
    const missing = new AuscultError('AUSCULT_INPUT_MISSING', 'no such folder')
    const parts = await run([Object.assign(feed, { open: () => Promise.reject(missing) })])
    await expect(parts.start()).rejects.toBe(missing)
    expect(parts.pipeline.sources()[0].state).toBe('waiting')
    running.splice(0)
  })

  it('scores nothing more while too many events wait for the disk', async () => {
    const feed = new FakeFeed('mic', new Array(1000).fill(5))
    const parts = await run([feed], { batch: { max: 1, wait_ms: 0 }, detector: eager })
    const disk = deferred()
    parts.store.disk = disk.promise
    await parts.start()
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(parts.scores.length).toBe(32)
    disk.resolve()
    await parts.pipeline.finished
    expect(parts.scores.length).toBe(1000)
  })

  it('does not acknowledge windows whose events could not be stored', async () => {
    const feed = new FakeFeed('mic', [5, 5, 5, 5])
    const parts = await run([feed])
    parts.store.append = () => Promise.reject(new AuscultError('AUSCULT_STORE', 'full'))
    await parts.start()
    await parts.pipeline.finished
    expect([feed.acked, parts.published]).toEqual([[], []])
  })
})

const eager = { open_after: 1, close_after: 1, cooldown: 0, update_every: 0 }

describe('Pipeline.stop', () => {
  it('scores what was received, closes what is open, and then is finished', async () => {
    const feed = new FakeFeed('mic', [5, 5, 5])
    feed.after = 'silence'
    const { pipeline, published } = await started([feed], { batch: { max: BATCH, wait_ms: 5000 } })
    await until(() => feed.pulled === 3)
    await pipeline.stop(Date.now() + 2000)
    await pipeline.finished
    expect(pipeline.ledger.account('mic')).toMatchObject({ received: 3, scored: 3 })
    expect(published.at(-1)?.episode).toMatchObject({ state: 'closed', closeReason: 'stopped' })
    expect(pipeline.sources()[0].state).toBe('stopped')
  })

  it('turns hard at 3/4 of its time: drops what is left, without acknowledging it', async () => {
    const feed = new FakeFeed('mic', new Array(50).fill(5))
    const parts = await run([feed])
    const gate: Deferred<void> = deferred()
    parts.pool.hold = gate.promise
    await parts.start()
    await until(() => feed.pulled === BATCH + 8 + 1)
    const before = Date.now()
    await parts.pipeline.stop(before + 400)
    expect(Date.now() - before).toBeGreaterThanOrEqual(290)
    expect(Date.now() - before).toBeLessThan(400)
    gate.resolve()
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(parts.pipeline.ledger.account('mic')).toMatchObject({ received: 13, scored: 0, dropped: { stopped: 13 } })
    expect([feed.acked, parts.scores]).toEqual([[], []])
  })

  it('does not wait for ever for a source that ignores the abort', async () => {
    const feed = new FakeFeed('mic', [5, 5])
    feed.after = 'hang'
    const { pipeline, published } = await started([feed])
    await until(() => published.length === 1)
    await pipeline.stop(Date.now() + 200)
    await pipeline.finished
    expect(published.at(-1)?.episode.closeReason).toBe('stopped')
  })

  it('does not wait for ever for a disk that hangs', async () => {
    const parts = await run([new FakeFeed('mic', [5, 5])])
    parts.store.disk = new Promise(() => {})
    await parts.start()
    await until(() => parts.scores.length === 2)
    const before = Date.now()
    await parts.pipeline.stop(before + 200)
    expect(Date.now() - before).toBeLessThan(200)
    running.splice(0)
  })
})

describe('accounting', () => {
  it('balances whatever comes and whenever it stops, and every window is acknowledged at most once', async () => {
    const value = fc.constantFrom<number | Float32Array>(0, 5, 5, Number.NaN, FAIL_BATCH, new Float32Array(3))
    const source = fc.record({
      data: fc.array(value, { maxLength: 40 }),
      overflow: fc.constantFrom<'pause' | 'drop-oldest'>('pause', 'drop-oldest'),
      after: fc.constantFrom<FakeFeed['after']>('end', 'fail', 'silence'),
      pace: fc.constantFrom(0, 0, 1),
    })
    const schedule = fc.record({ sources: fc.array(source, { minLength: 1, maxLength: 3 }), stopAfter: fc.nat(30) })
    await fc.assert(
      fc.asyncProperty(schedule, async ({ sources, stopAfter }) => {
        const feeds = sources.map(({ data, overflow, ...rest }, i) =>
          Object.assign(new FakeFeed(`s${i}`, data, overflow), rest),
        )
        const { pipeline, scores, published } = await started(feeds, { capacity: 3 })
        await new Promise(resolve => setTimeout(resolve, stopAfter))
        await pipeline.stop(Date.now() + 2000)
        for (const feed of feeds) {
          const { received, scored, dropped, failed, inFlight } = pipeline.ledger.account(feed.name)
          expect(inFlight).toBe(0)
          expect(received).toBe(scored + total(dropped) + total(failed))
          expect(received).toBeLessThanOrEqual(feed.pulled)
          expect(scored).toBe(scores.filter(score => score.source === feed.name).length)
          expect(new Set(feed.acked).size).toBe(feed.acked.length)
          const changes = published.filter(event => event.episode.source === feed.name).map(event => event.type)
          expect(changes.filter(type => type === 'episode.opened').length).toBe(
            changes.filter(type => type === 'episode.closed').length,
          )
        }
      }),
      { numRuns: 40 },
    )
  })
})
