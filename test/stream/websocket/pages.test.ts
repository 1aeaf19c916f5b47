import { describe, expect, it } from 'vitest'
import { type History, PAGE, Pages } from '../../../src/stream/websocket/pages.ts'
import { episodeEvent } from '../../helpers/events.ts'
import { MemoryHistory } from '../../helpers/memory-history.ts'

const filled = (count: number) => {
  const history = new MemoryHistory()
  for (let i = 0; i < count; i++) history.add(episodeEvent(i, 'opened', i % 2 ? 'a' : 'b'))
  return history
}

/** Counts reads, and how many are under way. */
class Counted implements History {
  reads = 0
  most = 0
  readonly #history: History
  #running = 0

  constructor(history: History) {
    this.#history = history
  }

  get id() {
    return this.#history.id
  }

  get first() {
    return this.#history.first
  }

  get last() {
    return this.#history.last
  }

  async textsAfter(...query: Parameters<History['textsAfter']>) {
    this.reads++
    this.most = Math.max(this.most, ++this.#running)
    await new Promise(resolve => setTimeout(resolve, 1))
    this.#running--
    return this.#history.textsAfter(...query)
  }
}

describe('Pages', () => {
  it('have what is wanted after a number, and say up to where', async () => {
    const pages = new Pages(filled(250))
    const full = await pages.read(10, undefined)
    expect([full.events.length, full.events[0].seq, full.upTo]).toEqual([PAGE, 11, 10 + PAGE])
    const last = await pages.read(200, ['a'])
    expect([last.events.length, last.events.at(-1)!.seq, last.upTo]).toEqual([25, 250, 250])
    expect(last.events[0].of).toBe('episode')
    const none = await pages.read(0, ['nobody'])
    expect([none.events.length, none.upTo]).toEqual([0, 250])
  })

  it('are read once for all who wait for them, two at a time, however many come back at once', async () => {
    const history = new Counted(filled(1000))
    const pages = new Pages(history)
    const follow = async (sources?: string[]) => {
      const got: number[] = []
      for (let at = 0; at < history.last; ) {
        const { events, upTo } = await pages.read(at, sources)
        got.push(...events.map(({ seq }) => seq))
        at = upTo
      }
      return got.length
    }
    const counts = await Promise.all([
      ...Array.from({ length: 500 }, () => follow()),
      ...Array.from({ length: 500 }, () => follow(['a'])),
    ])
    expect(new Set(counts.slice(0, 500))).toEqual(new Set([1000]))
    expect(new Set(counts.slice(500))).toEqual(new Set([500]))
    expect([history.reads, history.most]).toEqual([10 + 5, 2])
  })

  it('go on after a read that failed', async () => {
    const history = filled(3)
    let isBroken = true
    const pages = new Pages({
      ...{ id: 'x', first: 1, last: 3 },
      textsAfter: (...query) => (isBroken ? Promise.reject(new Error('gone')) : history.textsAfter(...query)),
    })
    const failed = await Promise.allSettled([
      pages.read(0, undefined),
      pages.read(1, undefined),
      pages.read(2, undefined),
    ])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    isBroken = false
    expect((await pages.read(0, undefined)).events).toHaveLength(3)
  })
})
