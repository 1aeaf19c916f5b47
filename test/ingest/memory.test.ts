import { describe, expect, it } from 'vitest'
import { MemorySource } from '../../src/ingest/memory.ts'
import type { Window } from '../../src/types.ts'

async function collect(source: MemorySource, signal = new AbortController().signal): Promise<Window[]> {
  const windows: Window[] = []
  for await (const { window, ack } of source.deliveries(signal)) {
    windows.push(window)
    ack()
  }
  return windows
}

describe('MemorySource', () => {
  it('cuts what is pushed into windows with offsets, times and ids', async () => {
    const acked: string[] = []
    const onAck = (window: Window) => acked.push(window.id)
    const source = new MemorySource('m', { shape: [4], sampleRate: 8, hop: 2 }, { start: 1000, onAck })
    source.push(Float32Array.of(0, 1, 2))
    source.push(Float32Array.of(3, 4, 5, 6))
    source.end()
    const windows = await collect(source)
    expect(windows.map(window => [...window.data])).toEqual([
      [0, 1, 2, 3],
      [2, 3, 4, 5],
    ])
    expect(windows[1]).toMatchObject({ source: 'm', id: 'm/memory/2', index: 1, offset: 2, time: 1250, shape: [4] })
    expect(acked).toEqual(['m/memory/0', 'm/memory/2'])
  })

  it('gives frames one by one', async () => {
    const spec = { shape: [2, 2], sampleRate: null, hop: 1 }
    const source = new MemorySource('m', spec, { overflow: 'drop-oldest', frameRate: 10 })
    source.push(Float32Array.of(1, 2, 3, 4))
    source.push(Float32Array.of(5, 6, 7, 8))
    source.end()
    const windows = await collect(source)
    expect(windows.map(({ offset, time, data }) => [offset, time, ...data])).toEqual([
      [0, 0, 1, 2, 3, 4],
      [1, 100, 5, 6, 7, 8],
    ])
    expect(source.overflow).toBe('drop-oldest')
  })

  it('writes later windows into arrays that were given back', async () => {
    const source = new MemorySource('m', { shape: [7], sampleRate: 7, hop: 7 })
    const signal = new AbortController().signal
    const used: Float32Array[] = []
    const push = () => source.push(new Float32Array(7).fill(used.length))
    push()
    for await (const { window, recycle } of source.deliveries(signal)) {
      expect([...window.data]).toEqual(Array(7).fill(used.length))
      used.push(window.data)
      if (used.length !== 2) recycle!()
      if (used.length < 6) push()
      else source.end()
    }
    expect(new Set(used).size).toBeLessThan(6)
    expect(used.filter(array => array === used[1])).toHaveLength(1)
    expect([...used[1]]).toEqual(Array(7).fill(1))
  })

  it('waits for pushes, and returns on abort', async () => {
    const source = new MemorySource('m', { shape: [1], sampleRate: 1, hop: 1 })
    const controller = new AbortController()
    const windows = collect(source, controller.signal)
    await new Promise(resolve => setTimeout(resolve, 5))
    source.push(Float32Array.of(7))
    await new Promise(resolve => setTimeout(resolve, 5))
    controller.abort()
    expect((await windows).map(({ data }) => data[0])).toEqual([7])
  })
})
