import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { fitMap } from '../../../src/model/map/fit.ts'
import { createPlacer } from '../../../src/model/map/place.ts'
import { projectTo } from '../../../src/model/map/principal.ts'
import { LatentMap, type LatentMapOptions } from '../../../src/stream/map/latent-map.ts'
import type { Score } from '../../../src/types.ts'
import { until } from '../../helpers/until.ts'
import { blobs, rowOf } from '../../model/map/blobs.ts'

const { latents, labels, d } = blobs(3, 40, 4)
const { warnings: _, ...fitted } = fitMap(latents, d, { method: 'umap', neighbors: 15, min_dist: 0.1 }, 1)
const windows = labels.map((label, i) => `${label}.wav@${i}`)
const trained = { ...fitted, windows, clusters: labels, scores: new Float32Array(120).fill(0.123456789) }
const manifest = { latent_size: d } as LatentMapOptions['bundle']['manifest']
const bundle = { manifest, latents, map: trained }
const fresh = blobs(3, 40, 4, 99).latents

function score(i: number, changes: Partial<Score> = {}): Score {
  const base = { source: 'a', id: `a/s/${i}`, index: i, stream: 's', offset: i, time: 1000 * i, duration: 1 }
  const judged = { score: i / 10, threshold: 5, anomalous: i > 50, late: false }
  return { ...base, ...judged, latent: rowOf(fresh, d, i % 120), ...changes }
}

let map: LatentMap
let now = 0
const clock: Clock = { now: () => now, sleep: async () => {} }
afterEach(() => map.stop())

async function start(changes: Partial<LatentMapOptions> = {}, rate = 1000) {
  now = Math.max(now, 1_000_000)
  map = new LatentMap({ config: { enabled: true, rate }, bundle, clock, logger: silentLogger, ...changes })
  await map.start()
  return map
}
/** Shows windows and waits until they are placed. */
async function show(from: number, to: number) {
  for (let i = from; i < to; i++) {
    expect(map.observe(score(i))).toEqual([])
    now += 1000
    if (map.pending > 100) await until(() => map.pending === 0)
  }
  await until(() => map.pending === 0)
}

describe('LatentMap', () => {
  it('gives the map of the training, with principal components in three dimensions', async () => {
    await start()
    expect(map.json()).toBeUndefined()
    await until(() => map.json())
    const json = JSON.parse(JSON.stringify(map.json()))
    expect(json).toMatchObject({ method: 'umap', seed: 1, options: fitted.options, windows, clusters: labels })
    expect(json.scores).toEqual(Array(120).fill(0.12346))
    for (const i of [0, 60, 119]) {
      expect(json.places[i][0]).toBeCloseTo(fitted.places[2 * i], 3)
      const inSpace = projectTo(fitted.pca, rowOf(latents, d, i), 3)
      for (const axis of [0, 1, 2]) expect(json.pca.places[i][axis]).toBeCloseTo(inSpace[axis], 3)
    }
    expect(json.pca.explained_variance_ratio).toHaveLength(3)
    expect(map.json()).toBe(map.json())
  })

  it('places windows, and says which they are', async () => {
    await start({ clusterOf: ({ index }) => (index === 2 ? undefined : 7) })
    await show(0, 60)
    const place = createPlacer(trained, latents, d)
    const points = map.points({ limit: 100 })
    expect(points).toHaveLength(60)
    expect(points[51]).toMatchObject({
      source: 'a',
      window: 'a/s/51',
      time: 51_000,
      score: 5.1,
      anomalous: true,
      cluster: 7,
    })
    expect(points[2]).not.toHaveProperty('cluster')
    for (const i of [0, 30, 59]) {
      const [x, y] = place(rowOf(fresh, d, i))
      expect(points[i].place[0]).toBeCloseTo(x, 3)
      expect(points[i].place[1]).toBeCloseTo(y, 3)
      expect(points[i].pca[2]).toBeCloseTo(projectTo(fitted.pca, rowOf(fresh, d, i), 3)[2], 3)
    }
    expect([map.placed, map.skipped]).toEqual([60, 0])
    expect(map.status()).toEqual({ ok: true, reason: '60 windows placed' })
  })

  it('keeps the newest 2,000, and gives those after a number', async () => {
    await start()
    await show(0, 2100)
    const all = map.points({ limit: 5000 })
    expect(all.map(({ window }) => window)).toEqual(Array.from({ length: 2000 }, (_, i) => `a/s/${i + 100}`))
    const [first] = map.points({ limit: 1 })
    expect(first).toBe(all[0])
    expect(map.points({ after: first.seq + 9, limit: 5 })).toEqual(all.slice(10, 15))
    expect(map.points({ after: all[1999].seq, limit: 5 })).toEqual([])
    expect(map.placed).toBe(2100)
  })

  it('numbers on over a restart', async () => {
    await start()
    await show(0, 5)
    const last = map.points({ limit: 10 }).at(-1)!.seq
    await map.stop()
    await start()
    map.observe(score(1))
    await until(() => map.pending === 0)
    expect(map.points({ after: last, limit: 10 })).toHaveLength(1)
  })

  it('takes no more than its rate, anomalous windows first, and counts the rest', async () => {
    await start({}, 20)
    for (let i = 0; i < 400; i++) {
      map.observe(score(i, { anomalous: false }))
      map.observe(score(i, { source: 'b', anomalous: i % 20 === 0 }))
      now += 10
    }
    await until(() => map.pending === 0)
    expect(map.placed).toBeLessThanOrEqual(100)
    expect(map.placed + map.skipped).toBe(800)
    const points = map.points({ limit: 2000 })
    expect(points.filter(({ anomalous }) => anomalous)).toHaveLength(20)
    expect(new Set(points.map(({ source }) => source)).size).toBe(2)
  })

  it('lets few wait for the thread', async () => {
    await start()
    for (let i = 0; i < 500; i++) {
      map.observe(score(i))
      now += 1000
    }
    expect([map.pending, map.skipped]).toEqual([128, 372])
    await until(() => map.placed === 128)
    expect(map.points({ limit: 1 })[0].window).toBe('a/s/0')
  })

  it('passes over latents that are none', async () => {
    await start()
    map.observe(score(1, { latent: Float32Array.of(1, Number.NaN, 0, 0) }))
    map.observe(score(2, { latent: Float32Array.of(1, 2) }))
    await show(3, 5)
    expect([map.placed, map.skipped]).toEqual([2, 2])
  })

  it('keeps no array that belongs to others', async () => {
    await start()
    const latent = rowOf(fresh, d, 0).slice()
    map.observe(score(0, { latent }))
    latent.fill(0)
    await until(() => map.placed === 1)
    expect(map.points({ limit: 1 })[0].place[0]).toBeCloseTo(
      createPlacer(trained, latents, d)(rowOf(fresh, d, 0))[0],
      3,
    )
  })

  it('makes a map of principal components where the bundle has none', async () => {
    await start({ bundle: { manifest, latents, map: undefined } })
    await show(0, 3)
    expect(map.json()).toMatchObject({
      method: 'pca',
      seed: null,
      options: null,
      windows: null,
      clusters: null,
      scores: null,
    })
    expect(map.json()!.places[5]).toEqual(map.json()!.pca.places[5].slice(0, 2))
    const [point] = map.points({ limit: 1 })
    expect(point.place).toEqual(point.pca.slice(0, 2))
  })

  it('does nothing where it is switched off, or where there are no latents', async () => {
    for (const changes of [
      { config: { enabled: false, rate: 20 } },
      { bundle: { manifest, latents: new Float32Array(0), map: undefined } },
    ]) {
      await start(changes)
      map.observe(score(1))
      expect([map.json(), map.pending, map.placed, map.skipped]).toEqual([undefined, 0, 0, 0])
      expect(map.status()).toEqual({ ok: true, reason: 'off' })
      await map.stop()
    }
  })

  it('says so when its thread cannot live', async () => {
    const broken = latents.map((value, i) => (i === 3 ? Number.NaN : value))
    await start({ bundle: { manifest, latents: broken, map: undefined } })
    map.observe(score(1))
    expect(map.pending).toBe(1)
    await until(() => map.status().reason.startsWith('given up'), 25_000)
    expect(map.status().ok).toBe(true)
    map.observe(score(2))
    expect([map.pending, map.skipped]).toEqual([0, 2])
    expect(map.status().reason).toMatch(/died: .*NaN/)
  })

  it('leaves episode events as they are', async () => {
    await start()
    const event = { type: 'episode.opened' } as Parameters<LatentMap['complete']>[0]
    expect(map.complete(event)).toBe(event)
  })
})
