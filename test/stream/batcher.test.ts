import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Batcher, batchSchema } from '../../src/stream/batcher.ts'
import { Ring } from '../../src/stream/ring.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp({ max = 4, wait_ms = 20, sources = 1, capacity = 100 } = {}) {
  const rings = Array.from({ length: sources }, () => new Ring<string>(capacity))
  const batches: string[][] = []
  const gate = { free: true }
  const batcher = new Batcher<string>({
    max,
    wait_ms,
    rings,
    free: () => gate.free,
    emit: items => batches.push(items),
  })
  const add = (source: number, ...items: string[]) => {
    for (const item of items) {
      rings[source].push(item)
      batcher.added()
    }
  }
  return { batcher, batches, gate, add }
}

describe('Batcher', () => {
  it('emits as soon as max items wait', () => {
    const { add, batches } = setUp()
    add(0, 'a', 'b', 'c')
    expect(batches).toEqual([])
    add(0, 'd')
    expect(batches).toEqual([['a', 'b', 'c', 'd']])
  })

  it('emits what is there when the first has waited', () => {
    const { add, batches } = setUp()
    add(0, 'a')
    vi.advanceTimersByTime(15)
    add(0, 'b')
    expect(batches).toEqual([])
    vi.advanceTimersByTime(5)
    expect(batches).toEqual([['a', 'b']])
    vi.advanceTimersByTime(100)
    expect(batches).toHaveLength(1)
  })

  it('holds items back while no batch can be taken, and never exceeds max', () => {
    const { add, batches, gate, batcher } = setUp()
    gate.free = false
    add(0, 'a', 'b', 'c', 'd', 'e', 'f')
    vi.advanceTimersByTime(100)
    expect(batches).toEqual([])
    expect(batcher.waiting).toBe(6)
    gate.free = true
    batcher.poke()
    expect(batches).toEqual([['a', 'b', 'c', 'd']])
    vi.advanceTimersByTime(20)
    expect(batches[1]).toEqual(['e', 'f'])
    expect(batcher.waiting).toBe(0)
  })

  it('takes from sources in turn, each in order', () => {
    const { add, batches, gate, batcher } = setUp({ sources: 3, max: 5 })
    gate.free = false
    add(0, 'a1', 'a2', 'a3', 'a4', 'a5')
    add(2, 'c1', 'c2')
    gate.free = true
    batcher.poke()
    expect(batches).toEqual([['a1', 'c1', 'a2', 'c2', 'a3']])
  })

  it('waits for nothing once closed', () => {
    const { add, batches, batcher } = setUp()
    add(0, 'a')
    batcher.close()
    add(0, 'b')
    expect(batches).toEqual([['a'], ['b']])
  })

  it('gives up what waits on clear', () => {
    const { add, batches, batcher } = setUp({ sources: 2 })
    add(0, 'a')
    add(1, 'b')
    expect(batcher.clear()).toEqual(['a', 'b'])
    vi.advanceTimersByTime(100)
    expect(batches).toEqual([])
    expect(batcher.waiting).toBe(0)
  })

  it('has defaults', () => {
    expect(batchSchema.parse({})).toEqual({ max: 64, wait_ms: 20 })
  })
})
