import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { GroupWriter, type Write } from '../../../src/stream/store/group-writer.ts'
import type { WriteGroup } from '../../../src/stream/store/protocol.ts'

const write = (...ids: string[]): Write => ({
  events: ids.map(eventId => ({
    ...{
      eventId,
      type: 'source.troubled',
      kind: 'source',
      source: 'mic',
      time: 0,
      score: null,
      cluster: null,
      text: '{}',
    },
  })),
  state: [],
  cursors: [],
})

/** A disk that can be slow, full, and die with or without having written. */
class FakeDisk {
  readonly groups: string[][] = []
  readonly stored: string[] = []
  readonly sleeps: number[] = []
  faults: ('full' | 'died' | 'died late')[] = []
  readonly clock: Clock = {
    now: () => 0,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      this.sleeps.push(ms)
    },
  }
  readonly writer = new GroupWriter({
    path: 'events.db',
    clock: this.clock,
    logger: silentLogger,
    ready: async () => this.#extent(),
    write: async group => this.#write(group),
  })

  #extent() {
    return { first: 1, last: this.stored.length, bytes: 0 }
  }

  async #write({ events }: WriteGroup) {
    await new Promise(resolve => setTimeout(resolve, 1))
    const fault = this.faults.shift()
    const ids = events.map(({ eventId }) => eventId)
    if (fault === undefined || fault === 'died late') {
      this.groups.push(ids)
      this.stored.push(...ids)
    }
    if (fault) throw new Error(fault)
    return this.#extent()
  }
}

describe('GroupWriter', () => {
  it('writes what comes while the disk is busy as one group', async () => {
    const disk = new FakeDisk()
    const numbers = await Promise.all(Array.from({ length: 100 }, (_, i) => disk.writer.write(write(`${i}`))))
    expect(numbers.flat()).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(disk.stored).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`))
    expect(disk.groups.length).toBeLessThanOrEqual(2)
  })

  it('keeps a group short, but writes a large one whole', async () => {
    const disk = new FakeDisk()
    const ids = (n: number) => Array.from({ length: n }, (_, i) => `${i}`)
    await Promise.all([1, 1500, 700, 5000, 1].map(n => disk.writer.write(write(...ids(n)))))
    expect(disk.groups.map(group => group.length)).toEqual([1501, 700, 5000, 1])
  })

  it('tries a disk that fails again each second, and says why meanwhile', async () => {
    const disk = new FakeDisk()
    disk.faults = ['full', 'full']
    const first = disk.writer.write(write('a'))
    const second = disk.writer.write(write('b', 'c'))
    expect(await Promise.all([first, second])).toEqual([[1], [2, 3]])
    expect(disk.sleeps).toEqual([1000, 1000])
    expect(disk.stored).toEqual(['a', 'b', 'c'])
    expect(disk.writer.fault).toBeUndefined()
  })

  it.each(['died late', 'died'] as const)('does not write twice what a thread that %s has written', async fault => {
    const disk = new FakeDisk()
    await disk.writer.write(write('a'))
    disk.faults = [fault]
    const writes = [disk.writer.write(write('b', 'c')), disk.writer.write(write()), disk.writer.write(write('d'))]
    expect(await Promise.all(writes)).toEqual([[2, 3], [], [4]])
    expect(disk.stored).toEqual(['a', 'b', 'c', 'd'])
  })

  it('goes on behind what is there when it starts', async () => {
    const disk = new FakeDisk()
    disk.stored.push('x', 'y')
    disk.writer.start(2)
    expect(await disk.writer.write(write('a'))).toEqual([3])
    expect(disk.stored).toEqual(['x', 'y', 'a'])
  })

  it('writes what waits when it stops, but rejects it when the disk fails', async () => {
    const disk = new FakeDisk()
    const appended = [disk.writer.write(write('a')), disk.writer.write(write('b'))]
    await disk.writer.stop()
    expect(await Promise.all(appended)).toEqual([[1], [2]])

    const broken = new FakeDisk()
    broken.faults = Array(1000).fill('full')
    const lost = broken.writer.write(write('a'))
    await Promise.all([expect(lost).rejects.toMatchObject({ code: 'AUSCULT_STORE' }), broken.writer.stop()])
    await expect(broken.writer.write(write('b'))).rejects.toThrow('full')
  })
})
