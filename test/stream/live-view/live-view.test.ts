import { beforeEach, describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { silentLogger } from '../../../src/logger.ts'
import { createFeatureMap, type FeatureMap } from '../../../src/model/explanation/feature-map.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import type { Reconstructed } from '../../../src/model/scorer.ts'
import { type Deferred, deferred } from '../../../src/stream/deferred.ts'
import { LiveView, type LiveViewOptions } from '../../../src/stream/live-view/live-view.ts'
import { type ViewMessage, viewMessageSchema } from '../../../src/stream/live-view/view-message.ts'
import type { Score } from '../../../src/types.ts'
import { ManualClock } from '../../helpers/manual-clock.ts'

const SIZE = 6
const frame = frontEndSchema.parse({ type: 'frame', shape: [2, 3] })
const frames: FeatureMap = createFeatureMap(frame, { items: 1, featureShape: [2, 3, 1] })

function score(index: number, changes: Partial<Score> = {}): Score {
  const place = { source: 'a', id: `a/s/${index}`, index, stream: 's', offset: index, time: 1000 * index, duration: 0 }
  return {
    ...place,
    score: index,
    threshold: 5,
    anomalous: index > 5,
    late: false,
    latent: new Float32Array(1),
    ...changes,
  }
}

const windowOf = (value: number) => new Float32Array(SIZE).fill(value)
const bytesOf = (base64: string) => [...Buffer.from(base64, 'base64')]

let clock: ManualClock
let asked: { readonly window: Float32Array; readonly answer: Deferred<Reconstructed> }[]
let views: LiveView
let seen: ViewMessage[]
const see = (view: ViewMessage) => void seen.push(view)

function create(changes: Partial<LiveViewOptions> = {}): LiveView {
  const explain = (window: Float32Array) => {
    const answer = deferred<Reconstructed>()
    asked.push({ window: window.slice(), answer })
    return answer.promise
  }
  return new LiveView({ windowSize: SIZE, featureMap: () => frames, explain, clock, logger: silentLogger, ...changes })
}

/** Answers what was asked last with what the window was, and half of it. */
async function answer(): Promise<void> {
  const { window, answer: open } = asked.at(-1)!
  open.resolve({ features: window, reconstruction: window.map(value => value / 2) })
  await settled()
}

/** Answers everything that is asked, until nothing has been for a minute. */
async function showAll(): Promise<void> {
  for (let idle = 0; idle < 600; idle++) {
    if (asked.length > seen.length) {
      await answer()
      idle = 0
    }
    await clock.pass(100)
  }
}

async function refuse(error: AuscultError): Promise<void> {
  asked.at(-1)!.answer.reject(error)
  await settled()
}

const settled = () => new Promise(resolve => setTimeout(resolve, 1))

beforeEach(() => {
  clock = new ManualClock()
  asked = []
  seen = []
  views = create()
})

describe('LiveView', () => {
  it('does nothing while nobody looks', async () => {
    for (let i = 0; i < 100; i++) expect(views.observe(score(i), windowOf(i))).toEqual([])
    expect(asked).toHaveLength(0)
    expect([views.watched, views.skipped]).toEqual([0, 0])
  })

  it('shows a window of a watched source, and no other', async () => {
    views.watch('a', see)
    views.observe(score(1, { source: 'b' }), windowOf(9))
    expect(asked).toHaveLength(0)
    const window = Float32Array.from([0, 1, 2, 3, 4, 5])
    views.observe(score(7), window)
    window.fill(99)
    await answer()
    expect(seen).toHaveLength(1)
    const view = viewMessageSchema.parse(seen[0])
    expect(view).toMatchObject({
      ...{ type: 'view', source: 'a', id: 'a/s/7', time: 7000, duration: 0, score: 7, threshold: 5, anomalous: true },
      ...{ rows: 2, columns: 3, unit: 'value', skipped: 0 },
      axes: { x: { name: 'column', unit: 'index', edges: [0, 1, 2, 3] }, y: { name: 'row', edges: [0, 1, 2] } },
    })
    const { low, high } = view
    const value = (byte: number) => low + (byte * (high - low)) / 255
    for (const [i, byte] of bytesOf(view.features).entries()) expect(value(byte)).toBeCloseTo(i, 1)
    for (const [i, byte] of bytesOf(view.reconstruction).entries()) expect(value(byte)).toBeCloseTo(i / 2, 1)
    expect(views.shown).toBe(1)
  })

  it('sends axes to each listener in its first view only, and shares the others', async () => {
    const others: ViewMessage[] = []
    views.watch('a', see)
    views.observe(score(0), windowOf(1))
    await answer()
    views.watch('a', view => void others.push(view))
    for (const i of [1, 2]) {
      await clock.pass(200)
      views.observe(score(i), windowOf(1))
      await answer()
    }
    expect(seen.map(view => 'axes' in view)).toEqual([true, false, false])
    expect(others.map(view => 'axes' in view)).toEqual([true, false])
    expect(others[1]).toBe(seen[2])
  })

  it('asks for one picture at a time, whatever comes, and counts what it does not show', async () => {
    views.watch('a', see)
    views.watch('b', see)
    for (let i = 0; i < 50; i++) {
      views.observe(score(i), windowOf(i))
      views.observe(score(i, { source: 'b' }), windowOf(i))
    }
    expect(asked).toHaveLength(1)
    await clock.pass(10_000)
    expect(asked).toHaveLength(1)
    // Of each source the four newest wait; of `a` the first is being made.
    expect(views.skipped).toBe(45 + 46)
    await showAll()
    expect(asked).toHaveLength(9)
    expect(seen.filter(({ source }) => source === 'a').map(({ id }) => id)).toEqual([
      'a/s/0',
      ...['a/s/46', 'a/s/47', 'a/s/48', 'a/s/49'],
    ])
    expect(seen.filter(({ source }) => source === 'a').reduce((sum, { skipped }) => sum + skipped, 0)).toBe(45)
    expect(seen.filter(({ source }) => source === 'b').reduce((sum, { skipped }) => sum + skipped, 0)).toBe(46)
  })

  it('leaves out what the pictures before and after it show, where windows overlap', async () => {
    const wave = frontEndSchema.parse({ type: 'raw', sample_rate: SIZE })
    views = create({ featureMap: () => createFeatureMap(wave, { items: 1, featureShape: [SIZE] }) })
    views.watch('a', see)
    for (let i = 0; i < 9; i++) views.observe(score(i, { time: 250 * i, duration: 1 }), windowOf(i))
    await showAll()
    expect(seen.map(({ id }) => id)).toEqual(['a/s/0', 'a/s/4', 'a/s/6', 'a/s/7', 'a/s/8'])
  })

  it('shows ten windows a second of a source at most, and forty of all', async () => {
    const sources = Array.from({ length: 12 }, (_, i) => `s${i}`)
    const own = (source: string) => seen.filter(view => view.source === source).length
    const run = async (names: readonly string[]) => {
      for (let ms = 0; ms < 1000; ms += 20) {
        for (const source of names) views.observe(score(ms, { source }), windowOf(1))
        await clock.pass(20)
      }
    }
    views = create({ explain: async features => ({ features: features.slice(), reconstruction: features.slice() }) })
    views.watch(sources[0], see)
    await run(sources.slice(0, 1))
    expect(own('s0')).toBeGreaterThanOrEqual(9)
    expect(own('s0')).toBeLessThanOrEqual(11)
    for (const source of sources.slice(1)) views.watch(source, see)
    const before = seen.length
    await run(sources)
    expect(seen.length - before).toBeGreaterThanOrEqual(35)
    expect(seen.length - before).toBeLessThanOrEqual(41)
    const counts = sources.slice(1).map(own)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
  })

  it('takes a quarter of the time of a busy scorer at most', async () => {
    views.watch('a', see)
    views.observe(score(0), windowOf(1))
    await clock.pass(400)
    views.observe(score(1), windowOf(1))
    await answer()
    await clock.pass(1190)
    expect(asked).toHaveLength(1)
    await clock.pass(20)
    expect(asked).toHaveLength(2)
  })

  it('stops when the last listener goes, also while a picture is being made', async () => {
    const stop = views.watch('a', see)
    const stopOther = views.watch('a', see)
    views.observe(score(0), windowOf(1))
    stop()
    stop()
    expect(views.watched).toBe(1)
    stopOther()
    expect(views.watched).toBe(0)
    await answer()
    expect(seen).toHaveLength(0)
    views.observe(score(1), windowOf(1))
    await clock.pass(10_000)
    expect(asked).toHaveLength(1)
    views.watch('a', see)
    views.observe(score(2), windowOf(1))
    await clock.pass(10_000)
    await answer()
    expect(seen.map(({ id }) => id)).toEqual(['a/s/2'])
  })

  it('waits quietly for a source that is not there', async () => {
    views.watch('nowhere', see)()
    views.watch('nowhere', see)
    views.observe(score(0), windowOf(1))
    await clock.pass(60_000)
    expect([asked.length, views.watched, views.skipped]).toEqual([0, 1, 0])
  })

  it('leaves a scorer alone for a second that could not make a picture, and goes on', async () => {
    views.watch('a', see)
    views.observe(score(0), windowOf(1))
    await refuse(new AuscultError('AUSCULT_ENGINE', 'the scorer thread died'))
    views.observe(score(1), windowOf(2))
    await clock.pass(900)
    expect(asked).toHaveLength(1)
    await clock.pass(100)
    expect(asked).toHaveLength(2)
    await answer()
    expect(views.failed).toBe(1)
    expect(seen.map(({ id, skipped }) => [id, skipped])).toEqual([['a/s/1', 1]])
  })

  it('goes on at once behind a window whose values are not numbers', async () => {
    views.watch('a', see)
    views.observe(score(0), windowOf(Number.NaN))
    await refuse(new AuscultError('AUSCULT_NON_FINITE', 'not finite'))
    views.observe(score(1), windowOf(2))
    await clock.pass(150)
    expect(asked).toHaveLength(2)
  })

  it('takes no window that was lost with its thread', async () => {
    views.watch('a', see)
    views.observe(score(0), new Float32Array(0))
    await clock.pass(1000)
    expect(asked).toHaveLength(0)
  })

  it('shows nothing of a bundle whose features lie nobody knows where', async () => {
    views = create({
      featureMap: () => {
        throw new AuscultError('AUSCULT_CONFIG', 'front_end is none')
      },
    })
    const stop = views.watch('a', see)
    views.observe(score(0), windowOf(1))
    stop()
    expect([asked.length, views.watched]).toEqual([0, 0])
  })

  it('keeps no more than its memory, however many sources are watched', async () => {
    const windowSize = 2 ** 20
    views = create({ windowSize })
    const sources = Array.from({ length: 20 }, (_, i) => `s${i}`)
    for (const source of sources) views.watch(source, see)
    const window = new Float32Array(windowSize)
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 10; i++) for (const source of sources) views.observe(score(i, { source }), window)
    // One more is on its way to the scorer.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1.3 * 32 * 2 ** 20)
    expect(asked).toHaveLength(1)
  })
})
