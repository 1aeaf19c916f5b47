import { describe, expect, it } from 'vitest'
import { hillsOf, isOneHill } from '../../../src/model/clusters/hills.ts'
import { MicroClusters } from '../../../src/model/clusters/micro-clusters.ts'

/** Micro-clusters of radius 1 on a line, a distance of 2 apart. */
function ridge(weights: readonly number[], dense: (weight: number) => boolean = () => true): MicroClusters {
  const micro = new MicroClusters(weights.length, 1)
  weights.forEach((weight, i) => {
    micro.begin(Float64Array.of(2 * i), 0, 1)
    micro.facts.set(i, [weight, weight, 0, dense(weight) ? 1 : 0, 1])
  })
  return micro
}

describe('hillsOf', () => {
  it('parts two summits at a valley, and numbers hills by their weight', () => {
    expect(hillsOf(ridge([60, 50, 10, 80, 100]), 2.5)).toEqual([1, 1, 0, 0, 0])
  })

  it('sees no valley in what chance does to counts', () => {
    expect(hillsOf(ridge([12, 9, 8, 11, 14]), 2.5)).toEqual([0, 0, 0, 0, 0])
    expect(hillsOf(ridge([1200, 900, 800, 1100, 1400]), 2.5)).toEqual([1, 1, 0, 0, 0])
  })

  it('connects only what is in reach', () => {
    expect(hillsOf(ridge([60, 60, 60]), 1.9)).toEqual([0, 1, 2])
    expect(hillsOf(ridge([60, 60, 60]), 2.1)).toEqual([0, 0, 0])
  })

  it('leaves out what is not dense', () => {
    const micro = ridge([50, 3, 60], weight => weight > 5)
    expect(hillsOf(micro, 2.5)).toEqual([1, 0, 0])
    expect(hillsOf(micro, 4.5)).toEqual([0, 0, 0])
    expect(hillsOf(ridge([]), 2)).toEqual([])
  })
})

describe('isOneHill', () => {
  it('compares the saddle with the lower summit', () => {
    expect(isOneHill(60, 1000, 80)).toBe(true)
    expect(isOneHill(50, 1000, 80)).toBe(false)
    expect(isOneHill(5, 9, 1000)).toBe(false)
    expect(isOneHill(6, 9, 1000)).toBe(true)
  })
})
