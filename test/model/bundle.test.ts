import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBundle, writeBundle } from '../../src/model/bundle.ts'
import { clustersSchema } from '../../src/model/clusters/config.ts'
import { restoreClusterer } from '../../src/model/clusters/create.ts'
import { Exemplars } from '../../src/model/clusters/exemplars.ts'
import { fitMap } from '../../src/model/map/fit.ts'
import { mapToJson } from '../../src/model/map/map-file.ts'
import { seeded } from '../../src/random.ts'
import { groupLatents } from '../../src/train/group-latents.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyParts } from '../helpers/tiny-bundle.ts'

const { folder } = temporaryFolder()
let count = 0
const write = async () => {
  const target = join(folder, `bundle${count++}`)
  await writeBundle(target, tinyParts())
  return target
}
const damaged = (at: string) => expect.objectContaining({ code: 'AUSCULT_BUNDLE', at })

describe('bundles', () => {
  it('are read as they were written', async () => {
    const parts = tinyParts()
    const bundle = await readBundle(await write())
    expect(bundle.manifest).toMatchObject(parts.manifest)
    expect(bundle.calibration).toEqual(parts.calibration)
    expect(Buffer.from(bundle.model).equals(parts.model)).toBe(true)
    expect([...bundle.golden.windows]).toEqual([...parts.golden.windows])
    expect([...bundle.golden.scores]).toEqual([...parts.golden.scores])
    expect(bundle.latents.length).toBe(4)
  })

  it('leave nothing else behind, and replace one that was there', async () => {
    const target = await write()
    await writeBundle(target, { ...tinyParts(), report: 'new' })
    expect(readFileSync(join(target, 'report.html'), 'utf8')).toBe('new')
    expect(readdirSync(folder).filter(name => name.startsWith('.'))).toEqual([])
  })

  for (const name of ['model.onnx', 'calibration.json', 'golden.bin', 'latents.bin', 'report.html']) {
    it(`are refused when a byte of ${name} has changed`, async () => {
      const target = await write()
      const at = join(target, name)
      const bytes = readFileSync(at)
      bytes[bytes.length >> 1] ^= 1
      writeFileSync(at, bytes)
      await expect(readBundle(target)).rejects.toThrow(damaged(at))
    })
  }

  it('are refused when a file is missing', async () => {
    const target = await write()
    rmSync(join(target, 'golden.bin'))
    await expect(readBundle(target)).rejects.toThrow(damaged(join(target, 'golden.bin')))
  })

  it('are refused when they are of another format', async () => {
    const target = await write()
    const at = join(target, 'manifest.json')
    writeFileSync(at, readFileSync(at, 'utf8').replace('"format": 1', '"format": 2'))
    await expect(readBundle(target)).rejects.toThrow(damaged(at))
  })

  it('are refused where there is none', async () => {
    const at = join(folder, 'nothing')
    await expect(readBundle(at)).rejects.toThrow(damaged(join(at, 'manifest.json')))
  })
})

/** Parts with clusters and a map of 30 latents of two values. */
function partsWithMap() {
  const random = seeded(6)
  const latents = Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? 0 : 9) + random.normal())
  const windows = Array.from({ length: 30 }, (_, i) => `a.npy@${i}`)
  const { clusters, assigned } = groupLatents({ latents, dimensions: 2, windows }, clustersSchema.parse(undefined), 1)
  const { warnings: _, ...fitted } = fitMap(latents, 2, { method: 'umap', neighbors: 8, min_dist: 0.1 }, 1)
  const map = { ...fitted, windows, clusters: assigned, scores: new Float32Array(30).fill(2) }
  return { ...tinyParts(), latents, clusters, map }
}

describe('clusters and the map of a bundle', () => {
  const writeMap = async () => {
    const target = join(folder, `bundle${count++}`)
    const parts = partsWithMap()
    await writeBundle(target, parts)
    return { target, parts }
  }

  it('are read as they were written', async () => {
    const { target, parts } = await writeMap()
    const bundle = await readBundle(target)
    expect(bundle.map).toEqual(parts.map)
    expect(bundle.clusters).toEqual(JSON.parse(JSON.stringify(parts.clusters)))
    expect(restoreClusterer(bundle.clusters?.clusterer).size).toBe(2)
    expect(Exemplars.restore(bundle.clusters?.exemplars).central(1).length).toBe(8)
    expect(Object.keys(bundle.manifest.files).sort()).toEqual([
      ...['calibration.json', 'clusters.json', 'golden.bin', 'latents.bin', 'map.json', 'model.onnx', 'report.html'],
    ])
  })

  it('are absent in bundles of older versions', async () => {
    const bundle = await readBundle(await write())
    expect([bundle.clusters, bundle.map]).toEqual([undefined, undefined])
    expect(Object.keys(bundle.manifest.files)).not.toContain('map.json')
  })

  it.each(['clusters.json', 'map.json'])('are refused when a byte of %s has changed, or it is missing', async name => {
    const { target } = await writeMap()
    const at = join(target, name)
    const bytes = readFileSync(at)
    bytes[bytes.length >> 1] ^= 1
    writeFileSync(at, bytes)
    await expect(readBundle(target)).rejects.toThrow(damaged(at))
    rmSync(at)
    await expect(readBundle(target)).rejects.toThrow(damaged(at))
  })

  type Loose = Record<string, unknown>
  it.each<[string, string, (file: Loose) => unknown, RegExp]>([
    ['map.json', 'of another version', file => ({ ...file, format: 9 }), /format/],
    ['map.json', 'of other latents', file => ({ ...file, windows: [] }), /windows: there are 0 for 30/],
    ['clusters.json', 'of another form', file => ({ ...file, more: 1 }), /more: unknown option/],
    [
      'clusters.json',
      'with an edited snapshot',
      file => ({ ...file, clusterer: { ...(file.clusterer as Loose), dimensions: 3 } }),
      /checksum/,
    ],
    ['clusters.json', 'with a snapshot cut off', file => ({ ...file, clusterer: {} }), /not whole/],
    ['clusters.json', 'with exemplars cut off', file => ({ ...file, exemplars: [{}] }), /exemplars/],
    [
      'clusters.json',
      'of longer latents',
      file => {
        const { latents, windows } = { latents: new Float32Array(60).map((_, i) => i), windows: Array(20).fill('a') }
        const other = groupLatents({ latents, dimensions: 3, windows }, clustersSchema.parse(undefined), 1)
        return { ...file, ...other.clusters }
      },
      /3 values, not 2/,
    ],
  ])('are refused: %s %s, its hash corrected', async (name, _, change, message) => {
    const { target } = await writeMap()
    const at = join(target, name)
    const text = JSON.stringify(change(JSON.parse(readFileSync(at, 'utf8'))))
    writeFileSync(at, text)
    const manifest = join(target, 'manifest.json')
    const parsed = JSON.parse(readFileSync(manifest, 'utf8'))
    parsed.files[name] = createHash('sha256').update(text).digest('hex')
    writeFileSync(manifest, JSON.stringify(parsed))
    const failure = readBundle(target)
    await expect(failure).rejects.toThrow(damaged(at))
    await expect(failure).rejects.toThrow(message)
  })

  it('says what it is: places of float32', () => {
    const { map } = partsWithMap()
    const bytes = Buffer.from(mapToJson(map).places, 'base64')
    expect(bytes.length).toBe(30 * 2 * 4)
    expect(bytes.readFloatLE(4)).toBe(map.places[1])
  })
})
