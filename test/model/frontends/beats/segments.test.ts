import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segmentEdges } from '../../../../src/model/frontends/beats/segments.ts'

describe('segmentEdges', () => {
  it('cuts at the beats where there are as many as wanted', () => {
    expect(segmentEdges([5, 20, 34], 40, 4)).toEqual([0, 5, 20, 34, 40])
  })

  it('takes a beat on the first frame for the beginning', () => {
    expect(segmentEdges([0, 20], 40, 2)).toEqual([0, 20, 40])
  })

  it('halves the longest where there are fewer, evenly without beats', () => {
    expect(segmentEdges([10], 40, 4)).toEqual([0, 10, 17, 25, 40])
    expect(segmentEdges([], 32, 4)).toEqual([0, 8, 16, 24, 32])
  })

  it('joins the neighbours that are shortest together where there are more', () => {
    expect(segmentEdges([2, 10, 20, 23, 30], 40, 4)).toEqual([0, 10, 20, 30, 40])
  })

  it('covers every frame once, whatever the beats', () => {
    const beats = fc.uniqueArray(fc.nat(99)).map(list => list.sort((a, b) => a - b))
    fc.assert(
      fc.property(beats, fc.integer({ min: 1, max: 100 }), (list, count) => {
        const edges = segmentEdges(list, 100, count)
        expect(edges.length).toBe(count + 1)
        expect([edges[0], edges.at(-1)]).toEqual([0, 100])
        expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1])).toBe(true)
      }),
    )
  })
})
