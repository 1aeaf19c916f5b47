import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { fitClusterer } from '../../../src/model/clusters/create.ts'
import { Exemplars } from '../../../src/model/clusters/exemplars.ts'
import { ClusterKeeper } from '../../../src/stream/clusters/cluster-keeper.ts'
import type { AuscultEvent, ClusterEvent, EpisodeEvent } from '../../../src/types.ts'
import { errorOf } from '../../helpers/temporary.ts'
import { bundleOf, configOf, Disk, Line, type LineOptions, NORMAL, trainingLatents } from './line.ts'

const running: Line[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(line => line.stop()))
})

async function started(options: LineOptions = {}): Promise<Line> {
  const line = await Line.started(options)
  running.push(line)
  return line
}

async function restarted(line: Line, options: LineOptions, how: 'stop' | 'kill' = 'stop'): Promise<Line> {
  running.splice(running.indexOf(line), 1)
  await line[how]()
  return started(options)
}

const clusterEvents = (events: readonly AuscultEvent[]) =>
  events.filter((event): event is ClusterEvent => event.type.startsWith('cluster.'))
const SQUEAL = [50, 50]
const HISS = [-50, 50]
const list = (line: Line) => line.keeper.list({ limit: 100 })

describe('clusters of a daemon', () => {
  it('begin as training left the latents, and learn every window', async () => {
    const line = await started()
    expect(list(line).map(({ id, trained, windows, episodes }) => [id, trained, windows, episodes])).toEqual([
      [1, 100, 0, 0],
      [2, 100, 0, 0],
    ])
    for (let i = 0; i < 10; i++) line.see('a', NORMAL[i % 2])
    line.see('b', NORMAL[0], true)
    expect(await line.flush()).toEqual([])
    const [first, second] = list(line)
    expect([first.windows + second.windows, line.keeper.updates, line.keeper.size]).toEqual([11, 11, 2])
    expect([first.firstAt, first.lastAt].concat(second.firstAt, second.lastAt).sort()).toEqual([0, 1000, 8000, 9000])
    expect(line.keeper.status()).toEqual({ ok: true, reason: '2 clusters' })
  })

  it('are told of when they are born with an anomalous window', async () => {
    const line = await started()
    line.see('a', NORMAL[0])
    line.see('a', SQUEAL, true)
    const born = {
      type: 'cluster.born',
      eventId: 'a/s/1/cluster.born',
      source: 'a',
      window: 'a/s/1',
      time: 1000,
      cluster: 3,
    }
    expect(await line.flush()).toEqual([born])
    line.see('a', SQUEAL, true)
    expect(clusterEvents(await line.flush())).toEqual([])
    expect(line.keeper.get(3)).toMatchObject({ id: 3, born: 'a/s/1', trained: 0, windows: 2 })
    expect([line.keeper.births, line.keeper.size]).toEqual([1, 3])
  })

  it('are told of with their third window when all were normal, and are unknown before', async () => {
    const line = await started()
    for (const source of ['a', 'b']) line.see(source, SQUEAL)
    expect(await line.flush()).toEqual([])
    expect([list(line).length, line.keeper.size, line.keeper.get(3), line.keeper.resolve(3)]).toEqual([
      2,
      3,
      undefined,
      undefined,
    ])
    expect(() => line.keeper.label(3, 'squeal')).toThrow(expect.objectContaining({ code: 'AUSCULT_NOT_FOUND' }))
    line.see('c', SQUEAL)
    expect(await line.flush()).toMatchObject([{ type: 'cluster.born', cluster: 3, window: 'c/s/0' }])
    expect(line.keeper.get(3)).toMatchObject({ born: 'a/s/0', windows: 3, exemplars: ['a/s/0', 'b/s/0', 'c/s/0'] })
  })

  it('are known to others once an anomalous window falls to them', async () => {
    const line = await started()
    line.see('a', SQUEAL)
    line.see('b', SQUEAL, true)
    expect(await line.flush()).toMatchObject([{ type: 'cluster.born', cluster: 3, window: 'b/s/0' }])
    expect(line.keeper.get(3)?.born).toBe('a/s/0')
  })

  it('merge when they meet, which is told, and the old number leads to the new one', async () => {
    const line = await started({ config: configOf({ merge: 1, birth_spread: 0, reach: 1 }) })
    for (const x of [50, 53.5]) for (let i = 0; i < 2; i++) line.see('a', [x, 50], true)
    await line.flush()
    expect(list(line).map(({ id }) => id)).toEqual([1, 2, 3, 4])
    line.keeper.label(4, 'squeal')
    const events: AuscultEvent[] = []
    for (let i = 0; i < 20; i++) {
      line.see('b', [51 + (i % 3) / 2, 50], true)
      events.push(...(await line.flush()))
    }
    const [merged] = clusterEvents(events)
    expect(merged).toMatchObject({
      type: 'cluster.merged',
      cluster: 3,
      into: 4,
      eventId: `${merged.window}/cluster.merged/3`,
    })
    expect([line.keeper.resolve(3), line.keeper.merges, line.keeper.size]).toEqual([4, 1, 3])
    expect(line.keeper.get(3)).toMatchObject({ id: 4, label: 'squeal', windows: 24 })
  })

  it('that lack room are forgotten, the lightest first, unless somebody refers to them', async () => {
    const line = await started({ config: configOf({ max_clusters: 4 }) })
    for (const x of [50, 100]) line.see('a', [x, x], true)
    await line.flush()
    line.keeper.label(3, 'squeal')
    line.see('a', [150, 150], true)
    expect(clusterEvents(await line.flush()).map(({ type, cluster, eventId }) => [type, cluster, eventId])).toEqual([
      ['cluster.forgotten', 4, 'a/s/2/cluster.forgotten/4'],
      ['cluster.born', 5, 'a/s/2/cluster.born'],
    ])
    line.keeper.pin(5, true)
    line.see('a', [200, 200], true)
    expect([list(line).map(({ id }) => id), line.keeper.get(4)]).toEqual([[1, 2, 3, 5], undefined])
    line.keeper.label(3, null)
    line.keeper.pin(5, false)
    line.keeper.label(5, 'hiss')
    line.see('a', [250, 250], true)
    expect(list(line).map(({ id, label }) => [id, label])).toEqual([
      [1, undefined],
      [2, undefined],
      [5, 'hiss'],
      [6, undefined],
    ])
  })

  it('are listed by page', async () => {
    const line = await started()
    for (const x of [50, 100, 150]) line.see('a', [x, x], true)
    expect(line.keeper.list({ limit: 2 }).map(({ id }) => id)).toEqual([1, 2])
    expect(line.keeper.list({ limit: 2, after: 2 }).map(({ id }) => id)).toEqual([3, 4])
    expect(line.keeper.list({ limit: 2, after: 5 })).toEqual([])
  })

  it('do not learn latents that are not finite, or of another length, and say so once', async () => {
    const warn = vi.fn()
    const line = await started({ logger: { ...silentLogger, warn } as never })
    for (let i = 0; i < 5; i++) line.see('a', [Number.NaN, 0], i > 1)
    line.see('a', [1, 2, 3], true)
    for (let i = 0; i < 3; i++) line.see('a', NORMAL[0])
    const events = await line.flush()
    expect(events.map(({ type }) => type)).toContain('episode.closed')
    expect(events.some(event => 'episode' in event && event.episode.cluster)).toBe(false)
    expect([line.keeper.refused, line.keeper.updates, warn.mock.calls.length]).toEqual([6, 3, 1])
    expect(warn.mock.calls[0][0]).toMatchObject({ source: 'a', window: 'a/s/0', error: expect.stringContaining('NaN') })
  })
})

describe('episodes', () => {
  it('belong to the cluster of most of their windows, and say how many there were before', async () => {
    const line = await started()
    const first = await line.episode('a', SQUEAL)
    expect(first.cluster).toEqual({
      ...{
        id: 3,
        key: line.keeper.key,
        born: 'a/s/0',
        distance: 0,
        radius: expect.any(Number),
        episodes: 1,
        exemplars: [],
      },
    })
    expect(line.keeper.get(3)).toMatchObject({ episodes: 1, firstEpisodeAt: 0, lastEpisodeAt: 0 })
    const second = await line.episode('b', SQUEAL)
    expect(second.cluster).toMatchObject({ id: 3, episodes: 2, firstAt: 0, lastAt: 0, exemplars: ['a/s/0'] })
    for (const x of [SQUEAL, HISS, HISS, HISS]) line.see('a', x, true)
    const third = (await line.flush()).filter(event => 'episode' in event)
    expect(third.at(-1)?.episode.cluster).toMatchObject({ id: 4, episodes: 1 })
    expect(third.at(-1)?.episode.cluster).not.toHaveProperty('firstAt')
    line.keeper.label(4, 'hiss')
    line.end('a')
    const [closed] = await line.flush()
    expect(closed).toMatchObject({ episode: { cluster: { id: 4, born: 'a/s/8', label: 'hiss' } } })
    expect((await line.episode('b', SQUEAL)).cluster).toMatchObject({ episodes: 3, firstAt: 0, lastAt: 0 })
    expect((await line.episode('c', SQUEAL)).cluster).toMatchObject({ episodes: 4, firstAt: 0, lastAt: 7000 })
  })

  it('of one batch get the votes of their own windows', async () => {
    const line = await started()
    for (const latent of [SQUEAL, HISS, SQUEAL, HISS, HISS]) {
      for (let i = 0; i < 3; i++) line.see('a', latent, true)
      for (let i = 0; i < 3; i++) line.see('a', NORMAL[1])
    }
    const closed = (await line.flush()).filter((event): event is EpisodeEvent => event.type === 'episode.closed')
    expect(closed.map(({ episode: { cluster } }) => [cluster?.id, cluster?.episodes])).toEqual([
      [3, 1],
      [4, 1],
      [3, 2],
      [4, 2],
      [4, 3],
    ])
  })

  it('that come again are not counted again', async () => {
    const disk = new Disk()
    let line = await started({ disk })
    for (let pass = 0; pass < 3; pass++) {
      for (let i = 0; i < 4; i++) line.see('a', SQUEAL, true, i)
      for (let i = 4; i < 7; i++) line.see('a', NORMAL[0], false, i)
      const closed = (await line.flush()).at(-1)
      expect(closed).toMatchObject({ type: 'episode.closed', episode: { cluster: { id: 3, episodes: 1 } } })
      line = await restarted(line, { disk }, 'kill')
      expect(line.keeper.get(3)?.episodes).toBe(1)
    }
  })

  it('are left as they are by what is decided or explained later', async () => {
    const line = await started()
    const episode = await line.episode('a', SQUEAL)
    for (let i = 0; i < 2; i++) line.see('a', HISS, true)
    for (const type of ['episode.explained', 'episode.muted', 'episode.acknowledged'] as const) {
      const event = { type, eventId: 'x', episode }
      expect(line.keeper.complete(event)).toBe(event)
    }
    const [, , opened] = await line.flush().then(events => [undefined, ...events])
    expect(opened).toMatchObject({ type: 'episode.opened', episode: { cluster: { id: 4 } } })
  })
})

describe('restarts', () => {
  it('keep numbers, names of windows, counts and exemplars', async () => {
    const disk = new Disk()
    let line = await started({ disk })
    await line.episode('a', SQUEAL)
    await line.episode('b', HISS)
    const before = list(line)
    line = await restarted(line, { disk })
    expect(list(line)).toEqual(before)
    expect((await line.episode('c', HISS)).cluster).toMatchObject({
      id: 4,
      born: 'b/s/0',
      episodes: 2,
      exemplars: ['b/s/0'],
    })
    line.see('c', [99, 0], true)
    expect(await line.flush()).toMatchObject([{ type: 'cluster.born', cluster: 5 }])
  })

  it('without warning keep what events told of', async () => {
    const disk = new Disk()
    let line = await started({ disk })
    await line.episode('a', SQUEAL)
    for (let i = 0; i < 5; i++) line.see('a', NORMAL[0])
    await line.flush()
    line = await restarted(line, { disk }, 'kill')
    expect(line.keeper.get(3)).toMatchObject({ born: 'a/s/0', episodes: 1, windows: 4 })
    expect(line.keeper.updates).toBe(7)
    line.see('b', HISS, true)
    expect(await line.flush()).toMatchObject([{ cluster: 4 }])
  })

  it('go on with the cluster of an episode that was left open', async () => {
    const disk = new Disk()
    let line = await started({ disk })
    for (let i = 0; i < 5; i++) line.see('a', SQUEAL, true)
    await line.flush()
    line = await restarted(line, { disk }, 'kill')
    for (const i of [3, 4, 5, 6]) line.see('a', HISS, true, i)
    line.end('a')
    const closed = (await line.flush()).at(-1)
    expect(closed).toMatchObject({ type: 'episode.closed', episode: { id: 'a/s/0', cluster: { id: 3, episodes: 1 } } })
    expect(line.keeper.get(3)?.episodes).toBe(1)
  })

  it('begin anew with another model or another configuration, and know the former when it is used again', async () => {
    const disk = new Disk()
    let line = await started({ disk })
    await line.episode('a', SQUEAL)
    const { key } = line.keeper
    line = await restarted(line, { disk, bundle: bundleOf('other') })
    expect([list(line).length, line.keeper.updates]).toEqual([2, 0])
    expect(line.keeper.key).not.toBe(key)
    expect((await line.episode('a', HISS)).cluster?.id).toBe(4)
    line = await restarted(line, { disk, config: configOf({ max_clusters: 9 }) })
    expect(list(line)).toHaveLength(2)
    line = await restarted(line, { disk })
    expect([line.keeper.key, line.keeper.get(3)?.episodes, line.keeper.get(4)]).toEqual([key, 1, undefined])
    line.see('a', HISS, true)
    expect(list(line).at(-1)?.id).toBe(5)
  })

  it('do not take the cluster of an episode for theirs that another configuration left open', async () => {
    const disk = new Disk()
    let line = await started({ disk })
    line = await restarted(line, { disk, bundle: bundleOf('other') })
    for (let i = 0; i < 5; i++) line.see('a', SQUEAL, true)
    await line.flush()
    line = await restarted(line, { disk }, 'kill')
    line.end('a', 'interrupted')
    await line.flush()
    expect(list(line).map(({ episodes }) => episodes)).toEqual([0, 0])
  })

  it('let go of the oldest of five models', async () => {
    const disk = new Disk()
    let line = await started({ disk, bundle: bundleOf('0') })
    const first = line.keeper.key
    for (let i = 1; i < 5; i++) line = await restarted(line, { disk, bundle: bundleOf(String(i)) })
    expect([...disk.states.keys()].filter(key => key.startsWith(`clusters/${first}`))).toEqual([])
    expect(JSON.parse(disk.states.get('clusters/keys')!)).toHaveLength(4)
    expect(disk.states.size).toBe(2 + 4 * 3)
  })

  it('forget whom names protected, until they are given again', async () => {
    const disk = new Disk()
    let line = await started({ disk, config: configOf({ max_clusters: 3 }) })
    line.see('a', SQUEAL, true)
    line.keeper.label(3, 'squeal')
    await line.flush()
    line = await restarted(line, { disk, config: configOf({ max_clusters: 3 }) })
    line.see('a', HISS, true)
    expect(list(line).map(({ id }) => id)).toEqual([1, 2, 4])
  })
})

describe('a bundle', () => {
  const trained = () => {
    const config = configOf({ k: 1 })
    const exemplars = new Exemplars()
    exemplars.offer(1, { window: 'train.wav/0', time: 0, distance: 0 }, Float32Array.of(0, 0))
    const clusterer = fitClusterer(trainingLatents(), 2, config, 1).snapshot()
    return { ...bundleOf(), clusters: { config, clusterer, exemplars: exemplars.snapshot() } }
  }

  it('gives its clusters, unless others are asked for', async () => {
    const asItIs = await started({ bundle: trained(), config: null })
    expect(list(asItIs)).toMatchObject([{ id: 1, trained: 200, exemplars: ['train.wav/0'] }])
    const others = await started({ bundle: trained() })
    expect(list(others)).toHaveLength(2)
    expect(others.keeper.key).not.toBe(asItIs.keeper.key)
  })

  it('without clusters gives latents, in which some are found', async () => {
    expect(list(await started({ config: null }))).toHaveLength(2)
  })

  it.each([
    ['no latents', new Float32Array(0), {}, 'AUSCULT_CONFIG'],
    ['fewer latents than k', Float32Array.of(0, 1, 2, 3), { k: 5 }, 'AUSCULT_CONFIG'],
    ['latents with NaN', Float32Array.of(0, Number.NaN, 2, 3), {}, 'AUSCULT_BUNDLE'],
  ])('with %s is refused where clusters are asked for, else there are none', async (_, latents, raw, code) => {
    const line = new Line({ bundle: bundleOf('a', latents), config: configOf(raw) })
    await line.store.start()
    expect(await errorOf(() => line.keeper.start())).toMatchObject({ code, at: expect.any(String) })
    await line.store.stop()
    if ('k' in raw) return
    const without = await started({ bundle: bundleOf('a', latents), config: null })
    expect(without.keeper.status()).toMatchObject({ ok: true, reason: expect.stringMatching(/^off; /) })
    expect((await without.episode('a', SQUEAL)).cluster).toBeUndefined()
    expect([list(without), without.keeper.size, without.keeper.updates, without.keeper.get(1)]).toEqual([
      [],
      0,
      0,
      undefined,
    ])
    expect(() => without.keeper.label(1, 'x')).toThrow(expect.objectContaining({ code: 'AUSCULT_NOT_FOUND' }))
  })

  it('with few latents gives as many clusters as they allow, when k is left open', async () => {
    const line = await started({ bundle: bundleOf('a', Float32Array.of(0, 1)), config: null })
    expect(list(line)).toMatchObject([{ trained: 1 }])
  })
})

describe('what is learnt is stored', () => {
  const saves = async (work: (line: Line) => void) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const line = await started()
      const append = vi.spyOn(line.store, 'append')
      work(line)
      const calls: string[][] = []
      for (const ms of [999, 1, 58_999, 1]) {
        append.mockClear()
        vi.advanceTimersByTime(ms)
        calls.push(
          append.mock.calls.flatMap(([, state]) => Object.keys(state!).map(key => key.split('/')[2] ?? 'clusters')),
        )
      }
      return calls
    } finally {
      vi.useRealTimers()
    }
  }

  it('within a second after a birth that nobody is told of', async () => {
    expect(await saves(line => line.see('a', SQUEAL))).toEqual([[], ['clusters', 'clusters', 'exemplars'], [], []])
  })

  it('within a minute otherwise', async () => {
    expect(await saves(line => line.see('a', NORMAL[0]))).toEqual([[], [], [], ['clusters', 'clusters']])
    expect(await saves(() => {})).toEqual([[], [], [], []])
  })

  it('with the events at hand, and only what changed with them', async () => {
    const line = await started()
    const keysOf = () => Object.keys(line.keeper.state()).map(key => key.replace(line.keeper.key, 'key'))
    line.see('a', NORMAL[0])
    expect(keysOf()).toEqual([])
    line.see('a', SQUEAL)
    expect(keysOf()).toEqual(['clusters/key', 'clusters/next'])
    expect(keysOf()).toEqual([])
    await line.episode('a', SQUEAL)
    await line.episode('a', SQUEAL)
    const event = await line.episode('b', SQUEAL)
    expect(keysOf()).toEqual([])
    line.keeper.complete({ type: 'episode.closed', eventId: 'x', episode: event })
    expect(keysOf()).toEqual([])
  })

  it('at the end, for which a store that hangs has half of the time', async () => {
    const line = await started()
    line.see('a', NORMAL[0])
    vi.spyOn(line.store, 'append').mockReturnValue(new Promise(() => {}))
    const begin = performance.now()
    await line.keeper.stop(Date.now() + 200)
    expect(performance.now() - begin).toBeLessThan(190)
    expect(performance.now() - begin).toBeGreaterThan(80)
  })

  it('or it is logged that it could not be', async () => {
    const error = vi.fn()
    const line = await started({ logger: { ...silentLogger, error } as never })
    line.see('a', NORMAL[0])
    await line.store.stop()
    await line.keeper.stop(Date.now() + 1000)
    expect(error.mock.calls.map(([, message]) => message)).toEqual(['what was learnt of clusters could not be stored'])
  })
})

it('the key names the model and the configuration', () => {
  const keyOf = (model: string, config = configOf()) =>
    new ClusterKeeper({
      config,
      bundle: bundleOf(model),
      store: undefined as never,
      clock: systemClock,
      logger: silentLogger,
    }).key
  expect(keyOf('a')).toBe(keyOf('a'))
  expect(new Set([keyOf('a'), keyOf('b'), keyOf('a', configOf({ k: 3 }))]).size).toBe(3)
})
