import { describe, expect, it } from 'vitest'
import { clustersSchema } from '../../src/model/clusters/config.ts'
import { mapFitSchema } from '../../src/model/map/config.ts'
import { fitMap } from '../../src/model/map/fit.ts'
import { groupLatents } from '../../src/train/group-latents.ts'
import { startStudy } from '../../src/train/latents-thread.ts'
import { blobs } from '../model/map/blobs.ts'

const { latents, d } = blobs(3, 100, 4)
const windows = Array.from({ length: 300 }, (_, i) => `a.wav@${i}`)
const sample = { latents, dimensions: d, windows, scores: new Float32Array(300).fill(1) }
const defaults = { sample, clusters: clustersSchema.parse(undefined), map: mapFitSchema.parse({}), seed: 4 }

describe('startStudy', () => {
  it('groups and maps in a thread, and tells how far it is', async () => {
    const thread = startStudy(defaults)
    const epochs: number[] = []
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    thread.onEpoch = done => epochs.push(done)
    const { clusters, map, assigned, warnings } = await thread.study
    clearInterval(timer)
    await thread.stop()
    expect(warnings).toEqual([])
    expect(clusters?.config.method).toBe('kmeans')
    expect(assigned).toEqual(groupLatents(sample, defaults.clusters, 4).assigned)
    expect(map).toMatchObject({ method: 'umap', seed: 4, windows, clusters: assigned })
    expect(epochs.at(-1)).toBe(map?.options?.epochs)
    expect(ticks).toBeGreaterThan(10)
    const { places } = fitMap(latents, d, { method: 'umap', neighbors: 15, min_dist: 0.1 }, 4)
    expect([...map!.places]).toEqual([...places])
  })

  it('makes no map where none is wanted', async () => {
    const { study } = startStudy({ ...defaults, map: mapFitSchema.parse({ method: 'none' }) })
    const { map, clusters, warnings } = await study
    expect([map, clusters?.config.method, warnings]).toEqual([undefined, 'kmeans', []])
  })

  it('goes without what cannot be made, with a warning', async () => {
    const bad = { ...sample, latents: latents.map((value, i) => (i === 7 ? Number.NaN : value)) }
    const { clusters, map, assigned, warnings } = await startStudy({ ...defaults, sample: bad }).study
    expect([clusters, map]).toEqual([undefined, undefined])
    expect(assigned).toEqual(windows.map(() => null))
    expect(warnings).toEqual([expect.stringMatching(/no clusters: .*NaN/), expect.stringMatching(/no map: .*NaN/)])
  })

  it('needs no thread for few latents', async () => {
    const few = { ...sample, latents: latents.slice(0, 60 * d), windows: windows.slice(0, 60) }
    const running = startStudy({ ...defaults, sample: few })
    await running.stop()
    const { map, clusters, warnings } = await running.study
    expect([map?.places.length, clusters?.config.method, warnings]).toEqual([120, 'kmeans', []])
  })

  it('goes without where the thread is stopped', async () => {
    const thread = startStudy(defaults)
    await thread.stop()
    expect(await thread.study).toMatchObject({ warnings: [expect.stringContaining('thread ended')] })
  })
})
