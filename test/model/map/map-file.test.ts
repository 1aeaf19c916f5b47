import { describe, expect, it } from 'vitest'
import { fitMap } from '../../../src/model/map/fit.ts'
import { type BundleMap, mapFromJson, mapToJson } from '../../../src/model/map/map-file.ts'
import { blobs } from './blobs.ts'

const { latents, d } = blobs(2, 12, 4)
const { warnings, ...fitted } = fitMap(latents, d, { method: 'umap', neighbors: 6, min_dist: 0.1 }, 2)
const map: BundleMap = {
  ...fitted,
  windows: Array.from({ length: 24 }, (_, i) => `a.wav@${i}`),
  clusters: Array.from({ length: 24 }, (_, i) => (i === 3 ? null : 1)),
  scores: Float32Array.from({ length: 24 }, (_, i) => i / 7),
}
const written = (changes: object = {}) => JSON.parse(JSON.stringify({ ...mapToJson(map), ...changes }))

describe('map.json', () => {
  it('is read as it was written, bit for bit', () => {
    expect(warnings).toEqual([])
    const file = written()
    expect(file).toMatchObject({ format: 1, method: 'umap', dimensions: 2, seed: 2 })
    expect(mapFromJson(file, 24, d)).toEqual(map)
  })

  it.each<[string, object, RegExp]>([
    ['of another version', { format: 2 }, /format/],
    ['with something more', { note: 1 }, /unrecognized/i],
    ['with windows cut off', { windows: ['a'] }, /windows: there are 1 for 24 latents/],
    ['with clusters cut off', { clusters: [] }, /clusters: there are 0/],
    ['with places cut off', { places: 'AAAAAAAAAAA=' }, /places: there are 1 for 24/],
    ['with places that are no numbers', { places: 'AADAfw==' }, /places: they are not finite/],
    ['with half a number', { scores: 'AAA=' }, /scores: they are not finite/],
    ['with components of another length', { pca: { ...map.pca, mean: [1] } }, /pca: .* 4 values/],
    ['of UMAP without its options', { options: null }, /options/],
  ])('is refused %s', (_, changes, message) => {
    expect(() => mapFromJson(written(changes), 24, d)).toThrow(message)
  })

  it('is refused when it is of other latents', () => {
    expect(() => mapFromJson(written(), 23, d)).toThrow(/24 for 23/)
    expect(() => mapFromJson(written(), 24, 5)).toThrow(/5 values/)
    expect(() => mapFromJson([], 24, d)).toThrow(/the file/)
  })
})
