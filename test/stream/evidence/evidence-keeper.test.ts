import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { openRecording } from '../../../src/ingest/decode.ts'
import type { Reconstructed } from '../../../src/model/scorer.ts'
import { deferred } from '../../../src/stream/deferred.ts'
import type { Episode } from '../../../src/types.ts'
import { smallDisk } from '../../helpers/small-disk.ts'
import { until } from '../../helpers/until.ts'
import { Bench, type Options, original, RATE, SIZE } from './bench.ts'

const benches: Bench[] = []

async function start(options?: Options): Promise<Bench> {
  const bench = new Bench(options)
  benches.push(bench)
  return bench.start()
}

afterEach(async () => {
  for (const bench of benches.splice(0)) {
    await bench.stop(50)
    rmSync(bench.folder, { recursive: true, force: true })
  }
})

const explained = (bench: Bench, n = 1) =>
  until(() => bench.events.filter(({ type }) => type === 'episode.explained').length >= n)

async function samplesOf(bench: Bench, id: string): Promise<Float32Array> {
  const clip = await bench.keeper.clip(id)
  const path = join(bench.folder, 'copy.wav')
  writeFileSync(path, clip!.bytes)
  const recording = await openRecording(path, { sampleRate: RATE })
  if (recording.kind !== 'audio') throw new Error('no audio')
  return recording.read(0, recording.length)
}

describe('EvidenceKeeper', () => {
  it('explains the worst window of an episode, and says so once more when all is written', async () => {
    const bench = await start()
    await bench.feed('a', 0.1, 0.1, 0.1, 2, 3, 5, 4, 0.1, 0.1, 0.1)
    await explained(bench)
    expect(bench.events.map(({ type }) => type).filter(type => type !== 'episode.updated')).toEqual([
      'episode.opened',
      'episode.closed',
      'episode.explained',
    ])
    const { eventId, episode } = bench.events.at(-1)!
    expect(eventId).toBe('a/s/24/explained')
    expect(episode).toMatchObject({ id: 'a/s/24', state: 'closed', closeReason: 'recovered', peakScore: 5 })
    const { explanation } = episode
    expect(explanation).toMatchObject({ window: 'a/s/40', time: 10_000, score: 5 })
    expect(explanation!.contributors.length).toBeGreaterThan(0)
    expect(bench.asked.at(-1)).toEqual(original(40, 40 + SIZE))
    expect(bench.keeper).toMatchObject({ failed: 0, skipped: 0, files: 2 })
  })

  it('writes what explains it, and a clip of two windows before, the worst and two after, bit by bit', async () => {
    const bench = await start()
    await bench.feed('a', 0.1, 0.2, 0.3, 2, 3, 5, 4, 0.4, 0.5, 0.6)
    await explained(bench)
    const evidence = (await bench.keeper.read('a/s/24'))!
    expect(evidence).toMatchObject({
      format: 1,
      episode_id: 'a/s/24',
      source: 'a',
      window: 'a/s/40',
      time: 10_000,
      score: 5,
      threshold: 1,
      unit: 'amplitude',
      clip: { type: 'audio/wav', sample_rate: RATE, stream: 's', from: 24, samples: 48, gaps: [] },
    })
    // Windows at 24, 32, 40, 48 and 56.
    expect(await samplesOf(bench, 'a/s/24')).toEqual(original(24, 72))
    expect(evidence.clip).toMatchObject({ peak: { from: 16, samples: SIZE } })
    expect(evidence.axes).toEqual({
      x: { name: 'time', unit: 's', edges: Array.from({ length: SIZE + 1 }, (_, i) => i / RATE) },
    })
    const digits = (values: Float32Array) => Array.from(values, value => Math.round(value * 1000) / 1000)
    expect(evidence.features).toEqual([digits(original(40, 56))])
    expect(evidence.residual[0][3]).toBeCloseTo(evidence.features[0][3] / 2, 3)
    expect(evidence.scores.map(({ score }) => score)).toEqual([0.1, 0.2, 0.3, 2, 3, 5, 4, 0.4, 0.5, 0.6])
    expect(evidence.summary).toBe(bench.events.at(-1)!.episode.explanation!.summary)
    expect(await bench.keeper.clip('a/s/24')).toMatchObject({ type: 'audio/wav', name: evidence.clip.file })
  })

  it('fills a gap between windows with zeros', async () => {
    const bench = await start()
    await bench.feed('a', 0.1, 0.1, 2, null, null, 5, 0.1, 0.1, 0.1)
    await explained(bench)
    const evidence = (await bench.keeper.read('a/s/16'))!
    expect(evidence.clip).toMatchObject({ from: 8, gaps: [{ from: 24, samples: 8 }] })
    expect(await samplesOf(bench, 'a/s/16')).toEqual(
      Float32Array.of(...original(8, 32), ...new Float32Array(8), ...original(40, 72)),
    )
  })

  it('explains again while the episode is open only when its worst rose by a tenth, and a second has passed', async () => {
    const bench = await start()
    await bench.feed('a', 2, 3, 3.2)
    await until(() => bench.keeper.files === 2)
    expect((await bench.keeper.read('a/s/0'))?.score).toBe(3)
    bench.clock.time += 2000
    await bench.feed('a', 3.29)
    expect(bench.asked).toHaveLength(1)
    await bench.feed('a', 4)
    await until(() => bench.keeper.explained === 2)
    await bench.feed('a', 6, 7)
    expect(bench.asked).toHaveLength(2)
    bench.clock.time += 1000
    await bench.feed('a', 2)
    await until(() => bench.keeper.explained === 3)
    await bench.feed('a', 2)
    expect(bench.told.filter(told => told.startsWith('updated')).at(-1)).toBe('updated 7')
    await until(async () => (await bench.keeper.read('a/s/0'))?.window === 'a/s/48')
    await bench.feed('a', 0.1, 0.1, 0.1)
    await explained(bench)
    expect(bench.told.slice(-2)).toEqual(['closed 7', 'explained 7'])
  })

  it('takes the worst of all runs of an episode, and nothing of what is around it', async () => {
    const bench = await start()
    // A window that opens nothing, an episode of two runs, a window that opens nothing.
    await bench.feed('a', 0.1, 90, 0.1, 2, 3, 0.1, 4, 0.1, 0.1, 0.1, 80, 0.1, 0.1)
    await explained(bench)
    expect(bench.events.at(-1)!.episode.explanation).toMatchObject({ window: 'a/s/48', score: 4 })
    await bench.stop()
    expect(bench.keeper).toMatchObject({ failed: 0, skipped: 0 })
  })

  it('tells episodes apart that lie in one batch', async () => {
    const bench = await start()
    bench.batch('a', 0.1, 2, 3, 0.1, 0.1, 0.1, 5, 4, 0.1, 0.1, 0.1, 9)
    await explained(bench, 2)
    const found = bench.events.filter(({ type }) => type === 'episode.explained').map(({ episode }) => episode)
    expect(Object.fromEntries(found.map(({ id, explanation }) => [id, explanation!.score]))).toEqual({
      'a/s/8': 3,
      'a/s/48': 5,
    })
  })

  it('explains what a source leaves open at its end', async () => {
    const bench = await start()
    await bench.feed('a', 2, 3)
    bench.end('a')
    await explained(bench)
    expect((await bench.keeper.read('a/s/0'))?.clip).toMatchObject({ samples: SIZE + 8 })
  })

  it('adds what others said of the episode to the last event, once its close is durable', async () => {
    const bench = await start()
    bench.annotations = { muted: { id: 'm', reason: 'mute' } }
    const { promise, resolve } = deferred()
    bench.batch('a', 2, 3)
    bench.disk = promise
    bench.batch('a', 0.1, 0.1, 0.1)
    await until(() => bench.keeper.files === 2)
    await new Promise(done => setTimeout(done, 20))
    expect(bench.told).toEqual(['opened'])
    bench.disk = Promise.resolve()
    resolve()
    await explained(bench)
    expect(bench.events.at(-1)!.episode.muted).toBeDefined()
  })

  it('goes on with an episode that an earlier process left open', async () => {
    const first = await start()
    await first.feed('a', 2, 3, 2)
    await until(() => first.keeper.files === 2)
    await first.feed('a', 2)
    const left = first.events.at(-1)!.episode
    expect(left.explanation).toMatchObject({ score: 3 })
    const worse = await start({ leftOpen: [{ ...left, lastAt: 0 }], settings: { path: first.folder } })
    expect(worse.keeper.files).toBe(2)
    await worse.feed('a', 0.1, 8, 0.1, 0.1, 0.1)
    await explained(worse)
    expect(worse.events.at(-1)).toMatchObject({ eventId: 'a/s/0/explained', episode: { explanation: { score: 8 } } })
    expect(worse.keeper.files).toBe(2)
    const milder = await start({ leftOpen: [{ ...left, lastAt: 0 }], settings: { path: first.folder } })
    await milder.feed('a', 0.1, 2, 0.1, 0.1, 0.1)
    expect(milder.told.at(-1)).toBe('closed 3')
    expect(milder.asked).toEqual([])
  })

  it('passes over windows that were lost with a thread', async () => {
    const bench = await start()
    expect(bench.keeper.observe({ source: 'a', score: 9, anomalous: true } as never, new Float32Array(0))).toEqual([])
    await bench.stop()
  })

  describe('within its memory', () => {
    const windows = (n: number) => ({ memory_mb: (n * SIZE * 4) / 2 ** 20 })

    it('keeps fewer windows of each source the more there are', async () => {
      const bench = await start({ settings: windows(8) })
      for (const score of [0.1, 0.1, 0.1]) {
        for (const source of ['a', 'b', 'c', 'd']) await bench.feed(source, score)
      }
      await bench.feed('a', 2, 3, 0.1, 0.1, 0.1)
      await explained(bench)
      // One before, since four fit into half of it; one after, since a quarter is for the worst windows.
      expect((await bench.keeper.read('a/s/24'))?.clip).toMatchObject({ from: 24, samples: 32 })
    })

    it('keeps at least the worst window, and counts episodes without one', async () => {
      const bench = await start({ settings: windows(1) })
      await bench.feed('a', 0.1, 2, 3)
      await bench.feed('b', 2, 3, 4, 0.1, 0.1, 0.1)
      expect(bench.keeper.skipped).toBe(1)
      await bench.feed('a', 0.1, 0.1, 0.1)
      await explained(bench)
      expect((await bench.keeper.read('a/s/8'))?.clip).toMatchObject({ samples: SIZE })
      expect(bench.events.at(-1)!.episode.source).toBe('a')
    })

    it('gives everything back: the same again fits a thousand times', async () => {
      const bench = await start({ settings: windows(8) })
      for (let i = 0; i < 1000; i++) bench.batch('a', 0.1, 2, 0.1, 0.1, 2, 0.1)
      for (let i = 0; i < 30; i++) {
        await bench.feed('a', 2, 3, 0.1, 2, 0.1, 0.1, 0.1)
        await explained(bench, i + 1)
      }
      expect(bench.keeper).toMatchObject({ skipped: 0, failed: 0 })
    })

    it('forgets sources that give nothing any more', async () => {
      const bench = await start({ settings: { ...windows(8), windows_before: 4, windows_after: 0 } })
      for (let i = 0; i < 20; i++) await bench.feed(`old${i}`, 0.1, 0.1)
      bench.clock.time += 700_000
      await bench.keeper.keepHouse()
      await bench.feed('a', 0.1, 0.1, 0.1, 0.1, 2, 3, 0.1, 0.1, 0.1)
      await explained(bench)
      expect((await bench.keeper.read('a/s/32'))?.clip).toMatchObject({ from: 8 })
    })
  })

  describe('in trouble', () => {
    const died = new AuscultError('AUSCULT_ENGINE', 'the scorer thread died', { canRetry: true })

    it('asks again when the thread died', async () => {
      let asked = 0
      const explain = async (window: Float32Array): Promise<Reconstructed> => {
        if (++asked < 3) throw died
        return { features: window.slice(), reconstruction: window.slice() }
      }
      const bench = await start({ explain })
      bench.batch('a', 2, 3, 0.1, 0.1, 0.1)
      await explained(bench)
      expect(asked).toBe(3)
      expect(bench.keeper.failed).toBe(0)
    })

    it('counts what cannot be explained, says so once in ten seconds, and goes on', async () => {
      const explain = () => Promise.reject(new AuscultError('AUSCULT_NON_FINITE', 'overflow'))
      const bench = await start({ explain })
      for (let i = 0; i < 5; i++) bench.batch('a', 2, 3, 0.1, 0.1, 0.1)
      await until(() => bench.keeper.failed === 5)
      expect(bench.warnings).toHaveLength(1)
      expect(bench.told).not.toContain('explained')
      expect(bench.told.filter(told => told === 'closed')).toHaveLength(5)
      bench.clock.time += 10_000
      bench.batch('a', 2, 3, 0.1, 0.1, 0.1)
      await until(() => bench.warnings.length === 2)
    })

    it('survives a full disk: episodes go on with their explanations, and files when there is room again', async () => {
      const disk = smallDisk(8)
      try {
        const bench = await start({ settings: { path: disk.folder }, openFile: disk.openFile })
        for (let i = 0; i < 12; i++) {
          bench.batch('a', 2, 3, 0.1, 0.1, 0.1)
          await explained(bench, i + 1)
        }
        expect(bench.keeper.failed).toBeGreaterThan(0)
        expect(bench.warnings).toHaveLength(1)
        expect(bench.warnings[0]).toMatchObject({ error: expect.stringContaining('ENOSPC') })
        expect(bench.events.at(-1)!.episode.explanation).toMatchObject({ score: 3 })
        expect(readdirSync(disk.folder)).toHaveLength(bench.keeper.files)
        const { failed } = bench.keeper
        disk.grow()
        bench.batch('a', 2, 3, 0.1, 0.1, 0.1)
        await explained(bench, 13)
        expect(bench.keeper.failed).toBe(failed)
        expect(await bench.keeper.read(bench.events.at(-1)!.episode.id)).toBeDefined()
      } finally {
        disk.remove()
      }
    })

    it('refuses to start where it cannot write', async () => {
      const { folder } = await start()
      const at = join(folder, 'file', 'evidence')
      writeFileSync(join(folder, 'file'), '')
      await expect(new Bench({ settings: { path: at } }).start()).rejects.toMatchObject({ code: 'AUSCULT_OUTPUT', at })
    })
  })

  describe('stop', () => {
    it('waits for explanations that are on their way, and for their events', async () => {
      const { promise, resolve } = deferred()
      const explain = async (window: Float32Array) => {
        await promise
        return { features: window.slice(), reconstruction: window.slice() }
      }
      const bench = await start({ explain })
      bench.batch('a', 2, 3, 0.1, 0.1, 0.1)
      bench.batch('b', 2, 3, 0.1, 0.1, 0.1)
      bench.batch('c', 2, 3, 0.1, 0.1, 0.1)
      const stopped = bench.stop()
      resolve()
      await stopped
      expect(bench.told.filter(told => told.startsWith('explained'))).toHaveLength(3)
    })

    it('gives up in time', async () => {
      const bench = await start({ explain: () => new Promise(() => {}) })
      bench.batch('a', 2, 3, 0.1, 0.1, 0.1)
      await bench.stop(100)
      expect(bench.warnings).toMatchObject([{ episodes: 1 }])
    })

    it('removes the folder of events in memory, and keeps that of a database', async () => {
      const memory = await start({ settings: { path: null } })
      memory.batch('a', 2, 3, 0.1, 0.1, 0.1)
      await explained(memory)
      expect(await memory.keeper.read('a/s/0')).toBeDefined()
      await memory.stop()
      expect(await memory.keeper.read('a/s/0')).toBeUndefined()
      const database = await start({ settings: { path: null }, storePath: join(memory.folder, 'db', 'events.db') })
      mkdirSync(join(memory.folder, 'db'), { recursive: true })
      database.batch('a', 2, 3, 0.1, 0.1, 0.1)
      await explained(database)
      await database.stop()
      expect(existsSync(join(memory.folder, 'db', 'events.db.evidence'))).toBe(true)
    })
  })

  it('keeps frames with their times and scores', async () => {
    const bench = await start({
      spec: { shape: [4, 4], sampleRate: null },
      manifest: {
        front_end: { type: 'frame', shape: [4, 4] },
        items: 1,
        feature_shape: [4, 4, 1],
        normalization: { offset: [0], scale: [1] },
      } as never,
    })
    await bench.feed('a', 0.1, 0.1, 2, 3, 0.1, 0.1, 0.1)
    await explained(bench)
    const evidence = (await bench.keeper.read('a/s/16'))!
    expect(evidence.clip).toMatchObject({ type: 'application/zip', frames: 5, shape: [4, 4], peak: 2 })
    expect([evidence.features.length, evidence.features[0].length]).toEqual([4, 4])
    expect(evidence.axes.y?.name).toBe('row')
    const clip = (await bench.keeper.clip('a/s/16'))!
    const path = join(bench.folder, 'copy.npz')
    writeFileSync(path, clip.bytes)
    expect(clip.name).toMatch(/\.npz$/)
  })

  it('passes other events on', async () => {
    const bench = await start()
    const event = { type: 'episode.muted', eventId: 'x', episode: { id: 'x' } as Episode } as const
    expect(bench.keeper.complete(event)).toBe(event)
  })
})
