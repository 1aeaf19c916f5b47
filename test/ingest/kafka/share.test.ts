import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GroupMember, share } from '../../../src/ingest/kafka/share.ts'

const partitionsOf = (topic: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ topic, place: `${topic}/${i}` }))
const member = (id: string, had: readonly string[] = [], stayed = true, topics = ['t']): GroupMember => ({
  ...{ id, had, stayed, topics },
})
const places = (count: number) => partitionsOf('t', count).map(({ place }) => place)

describe('share', () => {
  it('moves no more than it must to a member that comes', () => {
    const [a, b] = [places(6).slice(0, 3), places(6).slice(3)]
    const shares = share(partitionsOf('t', 6), [member('a', a), member('b', b), member('c')])
    expect([...shares.values()].map(({ length }) => length)).toEqual([2, 2, 2])
    for (const place of shares.get('a')!) expect(a).toContain(place)
    for (const place of shares.get('b')!) expect(b).toContain(place)
  })

  it('leaves the others what they have when one leaves', () => {
    const [a, b] = [places(6).slice(0, 2), places(6).slice(2, 4)]
    const shares = share(partitionsOf('t', 6), [member('a', a), member('b', b)])
    expect(shares.get('a')).toEqual(expect.arrayContaining(a))
    expect(shares.get('b')).toEqual(expect.arrayContaining(b))
  })

  it('believes who stayed rather than who comes back', () => {
    const shares = share(partitionsOf('t', 2), [member('a', ['t/0', 't/1'], false), member('b', ['t/0'])])
    expect(Object.fromEntries(shares)).toEqual({ a: ['t/1'], b: ['t/0'] })
  })

  it('gives partitions to those who want their topic', () => {
    const all = [...partitionsOf('t', 3), ...partitionsOf('u', 3), ...partitionsOf('nobody', 1)]
    const shares = share(all, [member('a', ['u/0'], true, ['t']), member('b', [], true, ['u'])])
    expect(shares.get('a')).toEqual(['t/0', 't/1', 't/2'])
    expect(shares.get('b')).toEqual(['u/0', 'u/1', 'u/2'])
  })

  it('shares all of it, evenly, whatever the members claim, and changes nothing when nothing changes', () => {
    const claims = fc.array(fc.constantFrom(...places(25)), { maxLength: 30 })
    const members = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1 }), had: claims, stayed: fc.boolean() }), {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(members, fc.integer({ min: 0, max: 20 }), (group, count) => {
        const all = group.map(({ id, had, stayed }) => member(id, had, stayed))
        const shares = share(partitionsOf('t', count), all)
        expect([...shares.values()].flat().sort()).toEqual(places(count).sort())
        const loads = [...shares.values()].map(({ length }) => length)
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
        const again = share(
          partitionsOf('t', count),
          all.map(({ id }) => member(id, shares.get(id))),
        )
        for (const [id, had] of shares) expect([...again.get(id)!].sort()).toEqual([...had].sort())
      }),
    )
  })

  it('ends with members of different topics, too', () => {
    const topics = fc.subarray(['t', 'u', 'v'], { minLength: 1 })
    fc.assert(
      fc.property(fc.array(topics, { minLength: 1, maxLength: 6 }), wanted => {
        const all = ['t', 'u', 'v'].flatMap(topic => partitionsOf(topic, 5))
        const group = wanted.map((each, i) => member(`m${i}`, [], true, each))
        const shares = share(all, group)
        const expected = all.filter(({ topic }) => wanted.flat().includes(topic)).map(({ place }) => place)
        expect([...shares.values()].flat().sort()).toEqual(expected.sort())
        for (const { id, topics: own } of group) {
          for (const place of shares.get(id)!) expect(own).toContain(place.slice(0, 1))
        }
      }),
    )
  })
})
