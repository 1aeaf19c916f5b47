import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { AuscultError } from '../../src/errors.ts'
import { silentLogger } from '../../src/logger.ts'
import { type Deferred, deferred } from '../../src/stream/deferred.ts'
import { Pipeline, type PipelineOptions } from '../../src/stream/pipeline.ts'
import { scoreBatch } from '../../src/stream/score-batch.ts'
import type { BatchDone } from '../../src/stream/scorer-pool.ts'
import type { BatchResult } from '../../src/stream/scorer-slot.ts'
import type { Analyst, Sink, Stage, Telemetry } from '../../src/stream/telemetry.ts'
import type { AuscultEvent, Episode, EpisodeEvent, Score, SourceEvent } from '../../src/types.ts'
import { FakeFeed } from '../helpers/fake-feed.ts'
import { FAIL_BATCH, loadScorer, WINDOW } from '../helpers/fake-scorer.ts'
import { judgeOf } from '../helpers/judge.ts'
import { until } from '../helpers/until.ts'

const BATCH = 4

/** The scorer's pool without threads: one batch at a time, each after a turn of the event loop, or held until `open` resolves. */
class FakePool {
  onFree = () => {}
  batches: number[] = []
  hold: Promise<void> | undefined
  readonly model = { type: 'ready', device: 'fake', passedOver: [], windowSize: WINDOW, latentSize: 2 } as const
  #busy = false

  get free(): boolean {
    return !this.#busy
  }

  buffer(): Float32Array {
    return new Float32Array(BATCH * WINDOW)
  }

  submit(windows: Float32Array, n: number, done: BatchDone): void {
    this.#busy = true
    this.batches.push(n)
    void this.#score(windows, n).then(result => {
      this.#busy = false
      done(result, windows)
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
  readonly events: AuscultEvent[] = []
  /** Episodes of an earlier process. */
  old: Episode[] = []
  disk: Promise<void> = Promise.resolve()
  /** What was put with each append. */
  readonly states: Readonly<Record<string, unknown>>[] = []

  leftOpen(): Episode[] {
    return this.old
  }

  async append(
    events: readonly AuscultEvent[],
    state: Readonly<Record<string, unknown>> = {},
  ): Promise<readonly number[]> {
    this.states.push(state)
    await this.disk
    return events.map(event => this.events.push(event))
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
  const troubles: SourceEvent[] = []
  const event = (event: AuscultEvent) => {
    if ('episode' in event) published.push(event)
    else if ('condition' in event) troubles.push(event)
  }
  const pipeline = new Pipeline({
    feeds,
    capacity: 8,
    batch: { max: BATCH, wait_ms: 5 },
    judge: () => judgeOf(),
    analysts: [],
    duration: 1,
    pool,
    store,
    sinks: [{ wantsScores: true, score: s => scores.push(s), event }],
    telemetry: { scoreRatio() {}, batch() {}, window() {}, stage() {} },
    clock: systemClock,
    logger: silentLogger,
    ...options,
  })
  running.push(pipeline)
  const start = () => pipeline.start(new AbortController().signal)
  return { pipeline, pool, store, scores, published, troubles, start }
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
    expect(feed.recycled.toSorted((a, b) => a - b)).toEqual(upTo(100))
  })

  it('takes many feeds without a warning of a leak', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    const feeds = upTo(20).map(i => Object.assign(new FakeFeed(`s${i}`, []), { after: 'silence' as const }))
    await started(feeds)
    await new Promise(resolve => setTimeout(resolve, 20))
    process.off('warning', listen)
    expect(warnings).toEqual([])
  })

  it('gives the arrays of windows back as soon as they are copied', async () => {
    const feed = new FakeFeed('mic', [1, 2, new Float32Array(3), 3])
    const { pipeline, scores } = await started([feed])
    await pipeline.finished
    expect(scores.map(score => score.score)).toEqual([1, 2, 3])
    expect(feed.recycled).toEqual([0, 1, 3])
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
    const parts = await run([feed], { batch: { max: 1, wait_ms: 0 }, judge: () => judgeOf(eager) })
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

describe('what is measured on the way', () => {
  class Measured implements Telemetry {
    readonly batches: number[] = []
    readonly windows: { waited: number; latency: number }[] = []
    readonly stages: { stage: Stage; seconds: number; count: number }[] = []
    scoreRatio(): void {}
    batch(windows: number): void {
      this.batches.push(windows)
    }
    window(waited: number, latency: number): void {
      this.windows.push({ waited, latency })
    }
    stage(stage: Stage, seconds: number, count: number): void {
      this.stages.push({ stage, seconds, count })
    }
    of(stage: Stage) {
      const all = this.stages.filter(each => each.stage === stage)
      return {
        count: all.reduce((sum, { count }) => sum + count, 0),
        seconds: all.reduce((sum, { seconds, count }) => sum + seconds * count, 0),
        least: Math.min(...all.map(({ seconds }) => seconds)),
      }
    }
  }

  const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

  it('is the time in each stage: a window waits and is scored, then judged', async () => {
    const telemetry = new Measured()
    const slow: Analyst = { observe: () => spend(2), complete: event => event }
    const parts = await run([new FakeFeed('mic', [0, 0, 0, Number.NaN, 0.5, 0.5])], {
      ...{ telemetry, analysts: [slow] },
      batch: { max: BATCH, wait_ms: 40 },
    })
    const gate = deferred()
    parts.pool.hold = gate.promise
    await parts.start()
    await until(() => parts.pipeline.sources()[0].account.received === 6)
    await pause(30)
    gate.resolve()
    await parts.pipeline.finished
    expect(telemetry.batches).toEqual([4, 2])
    expect(telemetry.windows).toHaveLength(5)
    const [score, decide] = [telemetry.of('score'), telemetry.of('decide')]
    expect([score.count, decide.count]).toEqual([5, 5])
    const sum = (of: (window: { waited: number; latency: number }) => number) =>
      telemetry.windows.reduce((total, window) => total + of(window), 0)
    expect(sum(({ latency }) => latency)).toBeCloseTo(sum(({ waited }) => waited) + score.seconds, 9)
    expect(telemetry.stages.find(({ stage }) => stage === 'score')!.seconds).toBeGreaterThan(0.025)
    // The last two wait for company that does not come, and until the pool is free.
    expect(telemetry.windows.at(-1)!.waited).toBeGreaterThan(0.025)
    expect(decide.least).toBeGreaterThan(0.0035)
  })

  it('is the time in which events become durable and are delivered, of each event', async () => {
    const telemetry = new Measured()
    const deaf: Sink = { wantsScores: false, score() {}, event: () => void spend(2) }
    const feed = new FakeFeed('mic', [5, 6, 7, 0])
    const parts = await run([feed], { telemetry, sinks: [deaf] })
    const disk = deferred()
    parts.store.disk = disk.promise
    await parts.start()
    await until(() => parts.store.states.length > 0)
    await pause(30)
    disk.resolve()
    await parts.pipeline.finished
    const events = parts.store.events.length
    expect(events).toBeGreaterThan(1)
    expect([telemetry.of('store').count, telemetry.of('deliver').count]).toEqual([events, events])
    expect(telemetry.stages.find(({ stage }) => stage === 'store')!.seconds).toBeGreaterThan(0.02)
    expect(telemetry.of('deliver').least).toBeGreaterThan(0.0015)
  })

  it('is nothing where nothing is scored, and no event is stored', async () => {
    const telemetry = new Measured()
    const { pipeline } = await started([new FakeFeed('mic', [Number.NaN, FAIL_BATCH])], { telemetry })
    await pipeline.finished
    expect([telemetry.windows, telemetry.stages]).toEqual([[], []])
  })

  it('is when the latest window came, by the clock', async () => {
    let now = 1_795_318_509_088
    const clock = { ...systemClock, now: () => now++ }
    const feed = new FakeFeed('mic', [0, 0, 0])
    const { pipeline } = await started([feed, new FakeFeed('mute', [])], { clock })
    await pipeline.finished
    const [mic, mute] = pipeline.sources()
    expect(mic.lastWindowAt).toBeGreaterThanOrEqual(1_795_318_509_090)
    expect(mute.lastWindowAt).toBeUndefined()
  })

  /** Works for so many milliseconds. */
  function spend(ms: number): [] {
    for (const end = performance.now() + ms; performance.now() < end; );
    return []
  }
})

describe('a feed of several sources', () => {
  const keyed = (data: number[], resumable = false) =>
    Object.assign(new FakeFeed('kafka', data), {
      sourceOf: (index: number) => `kafka/${index % 2 ? 'odd' : 'even'}`,
      resumable,
    })

  it('has a lane for each: scores, episodes and accounts are kept apart', async () => {
    const { pipeline, published } = await started([keyed([5, 0, 5, 0, 5, 0])])
    await pipeline.finished
    expect(pipeline.sources().map(({ name, state, score }) => [name, state, score])).toEqual([
      ['kafka', 'ended', undefined],
      ['kafka/even', 'ended', 5],
      ['kafka/odd', 'ended', 0],
    ])
    expect(published.map(({ type, episode }) => [type, episode.source])).toEqual([
      ['episode.opened', 'kafka/even'],
      ['episode.updated', 'kafka/even'],
      ['episode.closed', 'kafka/even'],
    ])
    expect(pipeline.ledger.account('kafka/odd')).toMatchObject({ received: 3, scored: 3 })
  })

  it('shares one bound', async () => {
    const feed = keyed(new Array(100).fill(0))
    const parts = await run([feed])
    const gate = deferred()
    parts.pool.hold = gate.promise
    await parts.start()
    await new Promise(resolve => setTimeout(resolve, 30))
    expect(feed.pulled).toBe(BATCH + 8 + 1)
    expect(parts.pipeline.sources().map(source => source.queued)).toEqual([0, 4, 4])
    gate.resolve()
    await parts.pipeline.finished
  })

  it('refuses windows of a source that is not of the feed', async () => {
    const feed = Object.assign(new FakeFeed('kafka', [0]), { sourceOf: () => 'kafkaesque' })
    const { pipeline } = await started([feed])
    await expect(pipeline.finished).rejects.toThrow('kafka gave a window of kafkaesque')
  })

  it('hands a source over once it is drained, its episode closed and durable, and takes it back', async () => {
    const feed = keyed([5, 0, 5, 0])
    feed.after = 'silence'
    const { pipeline, store } = await started([feed])
    await until(() => pipeline.ledger.account('kafka/even').scored === 2)
    await feed.reports?.released('kafka/even')
    expect(store.events.at(-1)).toMatchObject({ type: 'episode.closed', episode: { closeReason: 'handed_over' } })
    expect(pipeline.sources().map(({ name, state }) => [name, state])).toEqual([
      ['kafka', 'running'],
      ['kafka/even', 'handed_over'],
      ['kafka/odd', 'running'],
    ])
    feed.reports?.failed({ source: 'kafka/even', reason: 'shape', at: '', error: '', windows: 1 })
    await pipeline.stop(Date.now() + 1000)
    expect(pipeline.ledger.account('kafka/even')).toMatchObject({ received: 3, scored: 2, failed: { shape: 1 } })
  })

  it('waits with a hand-over until what is in flight is settled', async () => {
    const feed = keyed([5, 0, 5])
    feed.after = 'silence'
    const parts = await run([feed])
    const gate = deferred()
    parts.pool.hold = gate.promise
    await parts.start()
    await until(() => feed.pulled === 3)
    let handedOver = false
    const released = feed.reports?.released('kafka/even').then(() => (handedOver = true))
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(handedOver).toBe(false)
    gate.resolve()
    await released
    expect(feed.acked.length).toBe(3)
  })
})

describe('a feed that resumes', () => {
  const resumable = (data: number[]) => Object.assign(new FakeFeed('kafka', data), { resumable: true })
  const open = (source: string, windows = 4): Episode => ({
    id: `${source}/a/0`,
    source,
    state: 'open',
    openedAt: 0,
    lastAt: 2500,
    stream: 'a',
    offset: 0,
    windows,
    peakScore: 9,
    meanScore: 5,
    threshold: 1,
  })

  it('holds anomalous windows back until it is decided whether they begin an episode', async () => {
    const feed = resumable([0, 5])
    feed.after = 'silence'
    const { pipeline } = await started([feed])
    await until(() => pipeline.ledger.account('kafka').scored === 2)
    expect([feed.acked, feed.held]).toEqual([[0], [1]])
    await pipeline.stop(Date.now() + 1000)
    expect(feed.acked).toEqual([0])
  })

  it.each([
    ['begin one', [0, 5, 5]],
    ['do not', [0, 5, 0]],
  ])('acknowledges them in order when they %s', async (_, data) => {
    const feed = resumable(data)
    feed.after = 'silence'
    await started([feed], { batch: { max: 1, wait_ms: 0 } })
    await until(() => feed.acked.length === 3)
    expect([feed.acked, feed.held]).toEqual([[0, 1, 2], [1]])
  })

  it('goes on with the episode that a crash left open, and counts no window of it again', async () => {
    const feed = resumable([5, 5, 5, 5, 5, 5, 5])
    const parts = await run([feed])
    parts.store.old = [open('kafka')]
    await parts.start()
    await parts.pipeline.finished
    const closed = parts.published.at(-1)
    expect(closed).toMatchObject({ type: 'episode.closed', eventId: 'kafka/a/0/closed' })
    expect(closed?.episode).toMatchObject({ openedAt: 0, windows: 4 + 3, peakScore: 9, meanScore: 5 })
    expect(parts.published.map(event => event.type)).not.toContain('episode.opened')
    expect(feed.acked).toEqual(upTo(7))
  })

  it('closes episodes of feeds that do not, and at the stop those whose source did not come back', async () => {
    const feed = resumable([])
    feed.after = 'silence'
    const parts = await run([feed, new FakeFeed('file', [])])
    parts.store.old = [open('file'), open('kafka/gone'), open('removed')]
    await parts.start()
    await until(() => parts.published.length === 2)
    await parts.pipeline.stop(Date.now() + 1000)
    expect(parts.published.map(({ eventId, episode }) => [eventId, episode.closeReason])).toEqual([
      ['file/a/0/interrupted', 'interrupted'],
      ['removed/a/0/interrupted', 'interrupted'],
      ['kafka/gone/a/0/interrupted', 'interrupted'],
    ])
  })
})

describe('what a feed reports', () => {
  it('becomes an event when a trouble begins and when it is over, apart from episodes', async () => {
    const feed = new FakeFeed('mic', [])
    feed.after = 'silence'
    const { pipeline, troubles, published } = await started([feed])
    feed.reports?.condition('mic', 'silence', 'below -60 dBFS for 5 s')
    feed.reports?.condition('mic', 'silence', 'below -60 dBFS for 6 s')
    feed.reports?.condition('mic', 'down', 'sox is missing')
    expect(pipeline.sources()[0]).toMatchObject({
      state: 'down',
      reason: 'sox is missing',
      conditions: { silence: 'below -60 dBFS for 6 s', down: 'sox is missing' },
    })
    feed.reports?.condition('mic', 'down', undefined)
    feed.reports?.condition('mic', 'down', undefined)
    await until(() => troubles.length === 3)
    expect(troubles.map(({ type, condition, message }) => [type, condition, message])).toEqual([
      ['source.troubled', 'silence', 'below -60 dBFS for 5 s'],
      ['source.troubled', 'down', 'sox is missing'],
      ['source.recovered', 'down', 'over'],
    ])
    expect(pipeline.sources()[0]).toMatchObject({ state: 'running' })
    expect(published).toEqual([])
  })

  it('is counted: gaps, restarts, lag; windows of an earlier time are scored and marked', async () => {
    const feed = new FakeFeed('mic', [0, 0, 5, 0])
    feed.timeOf = index => [1000, 2000, 1500, 2000][index]
    feed.after = 'silence'
    const { pipeline, scores } = await started([feed])
    feed.reports?.gap('mic', 'sample 7')
    feed.reports?.restarted('mic')
    feed.reports?.lag('mic', 12)
    await until(() => scores.length === 4)
    expect(scores.map(score => score.late)).toEqual([false, false, true, false])
    expect(pipeline.sources()[0]).toMatchObject({ gaps: 1, restarts: 1, lag: 12, late: 1 })
  })
})

describe('a threshold that follows the scores', () => {
  it('belongs to its source, and passes over windows of episodes', async () => {
    const rising = Array.from({ length: 600 }, (_, i) => 0.5 + (i % 20 === 0 ? 0.25 : 0) + Math.sin(7 * i) / 10)
    const still = Array.from({ length: 600 }, (_, i) => 0.5 + Math.sin(7 * i) / 10)
    const { pipeline, scores } = await started([new FakeFeed('a', rising), new FakeFeed('b', still)], {
      judge: () => judgeOf(undefined, { policy: 'spot', q: 1e-3, level: 0.9, depth: 0, peaks: 100 }),
    })
    await pipeline.finished
    const of = (source: string) => scores.filter(score => score.source === source).map(score => score.threshold)
    const [a, b] = [of('a'), of('b')]
    expect(a[0]).toBe(b[0])
    expect(a.at(-1)!).toBeGreaterThan(1.1 * a[0])
    expect(b.at(-1)! / b[0]).toBeCloseTo(1, 1)
    expect(scores.every(({ score, threshold, anomalous }) => anomalous === score > threshold)).toBe(true)
  })
})

describe('a score log', () => {
  it('has each score before its window is acknowledged', async () => {
    const feed = new FakeFeed('mic', [0, 0, 5])
    feed.after = 'silence'
    const disk = deferred()
    const kept: Score[] = []
    const write = async (scores: readonly Score[]) => {
      kept.push(...scores)
      await disk.promise
    }
    await started([feed], { scoreLog: { write } })
    await until(() => kept.length === 3)
    expect(feed.acked).toEqual([])
    disk.resolve()
    await until(() => feed.acked.length === 3)
  })

  it('that gives up leaves the windows without an acknowledgement', async () => {
    const feed = new FakeFeed('mic', [0, 0])
    const { pipeline } = await started([feed], { scoreLog: { write: () => Promise.reject(new Error('broker gone')) } })
    await pipeline.finished
    expect(feed.acked).toEqual([])
    expect(pipeline.ledger.account('mic').scored).toBe(2)
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
      resumable: fc.boolean(),
      keys: fc.integer({ min: 1, max: 3 }),
      handOver: fc.boolean(),
      stall: fc.nat(10),
    })
    const schedule = fc.record({ sources: fc.array(source, { minLength: 1, maxLength: 3 }), stopAfter: fc.nat(30) })
    await fc.assert(
      fc.asyncProperty(schedule, async ({ sources, stopAfter }) => {
        const feeds = sources.map(({ data, overflow, after, pace, resumable, keys }, i) => {
          const sourceOf = (index: number) => (keys === 1 ? `s${i}` : `s${i}/${index % keys}`)
          return Object.assign(new FakeFeed(`s${i}`, data, overflow), { after, pace, resumable, sourceOf })
        })
        const { pipeline, pool, scores, published } = await started(feeds, { capacity: 3 })
        pool.hold = new Promise(resolve => setTimeout(resolve, sources[0].stall))
        await new Promise(resolve => setTimeout(resolve, stopAfter / 2))
        for (const [i, { handOver, keys }] of sources.entries()) {
          if (handOver && keys > 1) void feeds[i].reports?.released(`s${i}/0`)
        }
        await new Promise(resolve => setTimeout(resolve, stopAfter / 2))
        await pipeline.stop(Date.now() + 2000)
        for (const feed of feeds) expect(new Set(feed.acked).size).toBe(feed.acked.length)
        for (const feed of feeds) expect(new Set(feed.recycled).size).toBe(feed.recycled.length)
        for (const { name } of pipeline.sources()) {
          const { received, scored, dropped, failed, inFlight } = pipeline.ledger.account(name)
          expect(inFlight).toBe(0)
          expect(received).toBe(scored + total(dropped) + total(failed))
          expect(scored).toBe(scores.filter(score => score.source === name).length)
          const changes = published.filter(event => event.episode.source === name).map(event => event.type)
          expect(changes.filter(type => type === 'episode.opened').length).toBe(
            changes.filter(type => type === 'episode.closed').length,
          )
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('analysts', () => {
  /** Sees all, and writes into each episode how much it had seen. */
  class Counter implements Analyst {
    readonly windows: [source: string, first: number, score: number][] = []
    readonly name: string
    readonly muteFrom: number

    constructor(name: string, muteFrom = Number.POSITIVE_INFINITY) {
      this.name = name
      this.muteFrom = muteFrom
    }

    observe({ source, score }: Score, window: Float32Array) {
      this.windows.push([source, window[0], score])
      return []
    }

    complete(event: EpisodeEvent): EpisodeEvent {
      const { episode } = event
      const note = `${episode.acknowledged?.note ?? ''}${this.name}${this.windows.length} `
      const muted = episode.windows >= this.muteFrom ? { id: 'm', reason: 'mute' as const } : undefined
      return { ...event, episode: { ...episode, acknowledged: { who: '', at: 0, note }, muted } }
    }

    state() {
      return { [this.name]: this.windows.length }
    }
  }

  it('see every window with its samples, then complete its episodes in turn; their state goes with the events', async () => {
    const [a, b] = [new Counter('a'), new Counter('b')]
    const { pipeline, published, store } = await started([new FakeFeed('mic', [0, 5, 6, 0.5, 0, 0])], {
      analysts: [a, b],
      batch: { max: 1, wait_ms: 0 },
    })
    await pipeline.finished
    expect(a.windows.map(([, first]) => first)).toEqual([0, 5, 6, 0.5, 0, 0])
    expect(b.windows).toEqual(a.windows)
    const notes = published.map(({ type, episode }) => [type, episode.acknowledged?.note])
    expect(notes).toEqual([
      ['episode.opened', 'a3 b3 '],
      ['episode.closed', 'a5 b5 '],
    ])
    expect(store.states).toEqual([
      { a: 3, b: 3 },
      { a: 5, b: 5 },
    ])
  })

  it('have their events stored in the order of their windows', async () => {
    const drift = (id: string): AuscultEvent => {
      const about = { source: 'mic', kind: 'level', time: 0, since: 0, before: 1, after: 2, psi: 0 } as const
      return { type: 'drift.began', eventId: id, ...about }
    }
    const teller: Analyst = { observe: ({ id }) => [drift(id)], complete: event => event }
    const { pipeline, store, scores } = await started([new FakeFeed('mic', [0, 0, 0])], { analysts: [teller] })
    await pipeline.finished
    expect(store.events.map(event => event.eventId)).toEqual(scores.map(({ id }) => id))
  })

  it('may mute an open episode, which is counted once and asked for as it was stored', async () => {
    const feed = new FakeFeed('mic', [5, 5, 5, 5])
    feed.after = 'silence'
    const { pipeline, published } = await started([feed], {
      analysts: [new Counter('a', 3)],
      judge: () => judgeOf({ open_after: 2, close_after: 2, cooldown: 0, update_every: 0 }),
    })
    await until(() => published.length === 3)
    expect(published.map(({ episode }) => episode.muted?.id)).toEqual([undefined, 'm', 'm'])
    expect(pipeline.sources()[0]).toMatchObject({ episodes: 1, episodeOpen: true, muted: true, mutedEpisodes: 1 })
    expect(pipeline.openEpisode(published[2].episode.id)).toEqual(published[2].episode)
    expect(pipeline.openEpisode('mic/other')).toBeUndefined()
  })

  it('and people may publish what no window brought; a store that fails says so', async () => {
    const { pipeline, store, published } = await started([new FakeFeed('mic', [5, 5, 0, 0])])
    await pipeline.finished
    const acknowledged = { ...published.at(-1)!.episode, acknowledged: { who: 'ann', at: 1 } }
    const event: EpisodeEvent = { type: 'episode.acknowledged', eventId: 'x', episode: acknowledged }
    expect(await pipeline.publish([event], { decisions: 1 })).toEqual([store.events.length])
    expect([published.at(-1), store.states.at(-1)]).toEqual([event, { decisions: 1 }])
    store.append = () => Promise.reject(new AuscultError('AUSCULT_STORE', 'full'))
    await expect(pipeline.publish([event])).rejects.toThrow('full')
  })
})
