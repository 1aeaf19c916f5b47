import { describe, expect, it } from 'vitest'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer, restoreClusterer } from '../../../src/model/clusters/create.ts'
import { seal } from '../../../src/model/clusters/snapshot.ts'
import { seeded } from '../../../src/random.ts'

const random = seeded(1)
const latents = Float32Array.from({ length: 200 }, () => random.normal())
const methods = ['kmeans', 'gmm', 'denstream'] as const
const snapshotOf = (method: string) => fitClusterer(latents, 2, clustersSchema.parse({ method }), 1).snapshot()
const refused = (why: string) =>
  expect.objectContaining({ code: 'AUSCULT_STATE', message: expect.stringContaining(why) })

const flipped = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)

describe.each(methods)('a snapshot of %s', method => {
  const snapshot = snapshotOf(method)
  const restore = (raw: unknown) => () => restoreClusterer(raw)

  it('comes back from JSON the same', () => {
    expect(restoreClusterer(JSON.parse(JSON.stringify(snapshot))).snapshot()).toEqual(snapshot)
  })

  it('of another version is refused', () => {
    expect(restore({ ...snapshot, format: 2 })).toThrow(refused('format 2'))
  })

  it('that lacks a part, or is no object, is refused', () => {
    for (const key of Object.keys(snapshot)) {
      const { [key as keyof typeof snapshot]: _, ...rest } = snapshot
      expect(restore(rest)).toThrow(refused('cannot be used'))
    }
    for (const raw of [undefined, null, 7, 'text', []]) expect(restore(raw)).toThrow(refused('not whole'))
  })

  it('that was edited anywhere is refused', () => {
    const edits = [
      { ...snapshot, dimensions: 3 },
      { ...snapshot, config: { ...snapshot.config, max_clusters: 65 } },
      { ...snapshot, roster: { ...snapshot.roster, next: snapshot.roster.next + 1 } },
      { ...snapshot, checksum: '0'.repeat(64) },
      ...Object.keys(snapshot.arrays).map(name => ({
        ...snapshot,
        arrays: { ...snapshot.arrays, [name]: flipped(snapshot.arrays[name]) },
      })),
    ]
    for (const edited of edits) expect(restore(edited)).toThrow(refused('checksum'))
  })

  it('whose numbers are not finite, or too few, is refused even with a checksum that fits', () => {
    const { dimensions, config, roster } = snapshot
    const lengths = Object.entries(snapshot.arrays).map(
      ([name, text]) => [name, Buffer.from(text, 'base64').length / 8] as const,
    )
    for (const [name, length] of lengths) {
      for (const wrong of [new Float64Array(length + 1), new Float64Array(length).fill(Number.NaN)]) {
        const others = Object.fromEntries(lengths.map(([other, n]) => [other, new Float64Array(n).fill(1)]))
        const forged = seal({ dimensions, config, roster }, { ...others, [name]: wrong })
        expect(restore(forged)).toThrow(refused('numbers'))
      }
    }
  })
})

it('does not depend on the order of keys', () => {
  const { checksum, ...body } = snapshotOf('kmeans')
  const reversed = Object.fromEntries(Object.entries({ ...body, checksum }).reverse())
  expect(restoreClusterer(reversed).snapshot()).toEqual({ ...body, checksum })
})
