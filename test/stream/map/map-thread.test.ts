import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/logger.ts'
import type { TrainingMap } from '../../../src/stream/map/map-protocol.ts'
import { MapThread, type Placed } from '../../../src/stream/map/map-thread.ts'
import { until } from '../../helpers/until.ts'

const latents = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i * i))
let thread: MapThread | undefined
afterEach(() => thread?.stop())

function start(data = latents) {
  const seen = { ready: [] as TrainingMap[], placed: [] as Placed[], deaths: 0 }
  thread = new MapThread({
    map: undefined,
    latents: data,
    dimensions: 2,
    onReady: map => seen.ready.push(map),
    onPlaced: placed => seen.placed.push(placed),
    onDeath: () => seen.deaths++,
    logger: silentLogger,
  })
  thread.start()
  return { seen, thread }
}

describe('MapThread', () => {
  it('maps, places in order, and stops', async () => {
    const { seen, thread } = start()
    expect(thread.reason).toBe('starting')
    await until(() => thread.reason === undefined)
    expect(seen.ready[0].places).toHaveLength(30)
    thread.place(latents.slice(0, 4))
    thread.place(latents.slice(4, 6))
    await until(() => seen.placed.length === 2)
    const expected = seen.ready[0].places.slice(0, 3).flat()
    const found = seen.placed.flatMap(({ places }) => [...places])
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 4)
    })
    expect(seen.placed.map(({ pca }) => pca.length)).toEqual([6, 3])
    await thread.stop()
    expect([thread.reason, seen.deaths]).toEqual(['stopped', 0])
  })

  it('is started again when it dies', async () => {
    const { seen, thread } = start()
    await until(() => thread.reason === undefined)
    thread.place(Float32Array.of(Number.NaN, 1))
    await until(() => seen.deaths === 1)
    expect(thread.reason).toMatch(/died: .*NaN/)
    await until(() => seen.ready.length === 2)
    thread.place(latents.slice(0, 2))
    await until(() => seen.placed.length === 1)
    expect(thread.hasGivenUp).toBe(false)
  })

  it('is given up when it dies again and again', async () => {
    const { seen, thread } = start(latents.map((value, i) => (i === 9 ? Number.NaN : value)))
    await until(() => thread.hasGivenUp, 25_000)
    expect([seen.deaths, seen.ready.length]).toEqual([5, 0])
    expect(thread.reason).toMatch(/died/)
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(seen.deaths).toBe(5)
  })

  it('is not started again once it was stopped', async () => {
    const { seen, thread } = start()
    await until(() => thread.reason === undefined)
    thread.place(Float32Array.of(Number.NaN, 1))
    await until(() => seen.deaths === 1)
    await thread.stop()
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(seen.ready).toHaveLength(1)
  })
})
