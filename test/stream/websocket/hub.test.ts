import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { eventToJson } from '../../../src/stream/event-json.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import type { History } from '../../../src/stream/websocket/pages.ts'
import type { AuscultEvent, Score } from '../../../src/types.ts'
import { episodeEvent, sourceEvent } from '../../helpers/events.ts'
import { hubWith, INFO } from '../../helpers/hub.ts'
import { HubServer, seqs } from '../../helpers/hub-server.ts'
import { MemoryHistory } from '../../helpers/memory-history.ts'
import { until } from '../../helpers/until.ts'

/** Events in memory, appended as to a store. */
class Memory extends MemoryHistory {
  async append(events: readonly AuscultEvent[]): Promise<readonly number[]> {
    return events.map(event => this.add(event))
  }
}

let store: Memory | EventStore
let server: HubServer
beforeEach(async () => {
  store = new Memory()
  server = await new HubServer(hubWith({ history: store })).start()
})
afterEach(async () => {
  await server.stop()
  if (store instanceof EventStore) await store.stop()
})

/** The same server with another history. */
const remember = (history: History) => {
  server.hub = hubWith({ history })
}

/** The same server with the store that a daemon has. */
async function useStore(config = {}): Promise<EventStore> {
  const real = new EventStore(storeSchema.parse(config), systemClock, silentLogger)
  await real.start()
  store = real
  remember(real)
  return real
}

const score = (source = 'mic', index = 0): Score => ({
  ...{ source, id: `${source}/a/${index}`, index, stream: 'a', offset: index, time: 1000, duration: 1 },
  ...{ score: 2, threshold: 1, anomalous: true, late: false, latent: new Float32Array(2) },
})

/** As the pipeline does it: first durable, then published. */
async function publish(...events: AuscultEvent[]): Promise<void> {
  const numbers = await store.append(events)
  events.forEach((event, index) => {
    server.hub.event(event, numbers[index])
  })
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('WebSocketHub', () => {
  it('greets, then sends scores and episodes as JSON', async () => {
    const { messages } = await server.join()
    server.hub.score(score())
    await publish(episodeEvent(0), sourceEvent('silence'))
    await until(() => messages.length === 4)
    expect(messages[0]).toEqual({
      ...{ type: 'hello', protocol: 1, store: store.id, seq: 0, first: 1, heartbeat_seconds: 10 },
      ...INFO,
    })
    expect(messages[1]).toEqual({
      ...{ type: 'score', source: 'mic', id: 'mic/a/0', index: 0, stream: 'a', offset: 0, time: 1000, duration: 1 },
      ...{ score: 2, threshold: 1, anomalous: true, late: false, windows: 1 },
    })
    expect(messages[2]).toEqual({ seq: 1, ...eventToJson(episodeEvent(0)) })
    expect(messages[3]).toEqual({ seq: 2, ...eventToJson(sourceEvent('silence')) })
  })

  it('drops scores for a slow client and counts them, while episodes still come', async () => {
    const { socket, messages } = await server.join()
    const brisk = await server.join('?source=other')
    socket.pause()
    let sent = 0
    while (server.hub.counts.unsentScores < 10) {
      for (let i = 0; i < 50; i++) server.hub.score({ ...score('mic', sent++), stream: 'long'.repeat(1000) })
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    await publish(episodeEvent(0))
    server.hub.score(score('other', sent++))
    await until(() => brisk.messages.length === 2)
    socket.resume()
    await until(() => messages.some(({ type }) => type === 'unsent'))
    const { unsentScores } = server.hub.counts
    expect(messages.filter(({ type }) => type === 'score').length).toBe(sent - unsentScores)
    expect(messages.filter(({ type }) => type === 'unsent')).toEqual([
      { type: 'unsent', scores: unsentScores, views: 0 },
    ])
    expect(seqs(messages)).toEqual([1])
  })

  it('sends away a client that events pile up for, and gives it what it missed when it comes back', async () => {
    const slow = await server.join('?kind=source')
    const brisk = await server.join('?source=other')
    slow.socket.pause()
    const message = 'x'.repeat(200_000)
    for (let i = 0; i < 100; i++) {
      await publish({ ...sourceEvent('clipping'), message })
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    await publish(episodeEvent(0, 'opened', 'other'))
    await until(() => brisk.messages.length === 2)
    slow.socket.resume()
    const { code, reason } = await slow.closed
    expect(code).toBe(4008)
    const after = Number(/^too slow; resume after seq (\d+)$/.exec(reason)![1])
    expect(seqs(slow.messages)).toEqual(range(1, after))
    const again = await server.join(`?after=${after}`)
    await until(() => again.messages.length === 1 + store.last - after)
    expect(seqs(again.messages)).toEqual(range(after + 1, store.last))
    expect(server.hub.counts.closed.slow).toBe(1)
  })

  it('cuts off a client that is sent away and never reads', async () => {
    const socket = server.raw()
    await until(() => server.hub.clients === 1)
    socket.pause()
    const before = Date.now()
    await server.hub.stop()
    expect(Date.now() - before).toBeLessThan(4000)
    expect(server.hub.clients).toBe(0)
  })

  it('says goodbye with 1001 when it stops, and admits nobody after', async () => {
    const { closed } = await server.join()
    await server.hub.stop()
    expect(await closed).toEqual({ code: 1001, reason: 'the daemon stops' })
    await expect(server.join()).rejects.toThrow('503')
  })
})

describe('WebSocketHub, resuming', () => {
  const many = (n: number, source = 'mic') => Array.from({ length: n }, (_, i) => episodeEvent(i, 'opened', source))

  it('sends what is stored after a number, then what comes', async () => {
    await publish(...many(450))
    const { messages } = await server.join('?after=3')
    expect(messages[0]).toMatchObject({ type: 'hello', seq: 450, first: 1, resumed: true })
    await until(() => messages.length === 448)
    await publish(episodeEvent(1, 'closed'))
    await until(() => messages.length === 449)
    expect(seqs(messages)).toEqual(Array.from({ length: 448 }, (_, i) => i + 4))
  })

  it('resumes from the latest number, and from nothing', async () => {
    const { messages } = await server.join('?after=0')
    expect(messages[0]).toMatchObject({ seq: 0, resumed: true })
    await publish(...many(3))
    const again = await server.join(`?after=3&store=${store.id}`)
    expect(again.messages[0]).toMatchObject({ seq: 3, resumed: true })
    await publish(...many(1))
    await until(() => messages.length === 5 && again.messages.length === 2)
    expect([seqs(messages), seqs(again.messages)]).toEqual([[1, 2, 3, 4], [4]])
  })

  it('does not send again, as it is published, what a client has taken from the store', async () => {
    const events = many(5)
    const numbers = await store.append(events)
    const { messages } = await server.join('?after=2')
    const late = await server.join()
    await until(() => messages.length === 4)
    events.forEach((event, index) => {
      server.hub.event(event, numbers[index])
    })
    await publish(...many(1))
    await until(() => messages.length === 5 && late.messages.length === 2)
    expect([seqs(messages), seqs(late.messages)]).toEqual([[3, 4, 5, 6], [6]])
  })

  it('sends the stored events of some sources only', async () => {
    await useStore()
    await publish(...many(300, 'a'), ...many(300, 'b'), ...many(10, 'a'))
    const { messages } = await server.join('?after=100&source=b&source=c')
    await until(() => messages.length === 301)
    await publish(...many(1, 'a'), ...many(1, 'c'))
    await until(() => messages.length === 302)
    expect(seqs(messages)).toEqual([...Array.from({ length: 300 }, (_, i) => 301 + i), 612])
  })

  it('says what it has missed when retention was faster', async () => {
    const large = { ...sourceEvent('clipping'), message: 'x'.repeat(100_000) }
    const store = await useStore({ max_mb: 1 })
    for (let i = 0; i < 600; i++) await store.append([large])
    await store.trim()
    expect(store.first).toBeGreaterThan(500)
    const { messages } = await server.join('?after=7')
    expect(messages[0]).toMatchObject({ seq: 600, first: store.first, resumed: false, missed_before: store.first })
    await until(() => messages.length === 1 + 600 - store.first + 1)
    expect(seqs(messages)[0] ?? store.first).toBe(store.first)
  })

  it.each(['?after=57', '?after=1&store=another'])(
    'sends all there is to one that counts otherwise: %s',
    async query => {
      await publish(...many(2))
      const { messages } = await server.join(query)
      expect(messages[0]).toMatchObject({ seq: 2, resumed: false, missed_before: 1 })
      await until(() => messages.length === 3)
      expect(seqs(messages)).toEqual([1, 2])
    },
  )

  it('sends each event once, in order, to clients that are cut again and again while events pour in', async () => {
    const store = await useStore()
    let pouring = true
    let isPoured = false
    const pour = async () => {
      for (let i = 0; pouring; i++) await publish(...many(i % 7, i % 3 === 0 ? 'a' : 'b'))
      await publish(episodeEvent(0, 'opened', 'a'))
    }
    const follow = async (query: string) => {
      const got: number[] = []
      let after = 0
      while (!isPoured || after < store.last) {
        const { socket, messages, closed } = await server.join(`?after=${after}&kind=episode&kind=source${query}`)
        await new Promise(resolve => setTimeout(resolve, Math.random() * 30))
        socket.terminate()
        await closed
        const more = seqs(messages)
        got.push(...more)
        after = more.at(-1) ?? after
      }
      return got
    }
    const pours = [pour(), pour()]
    const followers = [follow(''), follow('&source=a'), follow('')]
    const enough = performance.now() + 1000
    await until(() => performance.now() > enough && store.last > 200)
    pouring = false
    await Promise.all(pours)
    isPoured = true
    const [all, a, again] = await Promise.all(followers)
    expect(all).toEqual(Array.from({ length: store.last }, (_, i) => i + 1))
    expect(again).toEqual(all)
    const stored = await store.after(0, 1e6, { sources: ['a'] })
    expect(a).toEqual(stored.map(({ seq }) => seq))
  })

  it('sends a client away when the store cannot be read, and one that retention overtook', async () => {
    await publish(...many(3))
    const broken = { id: 'x', first: 1, last: 3, textsAfter: async () => Promise.reject(new Error('gone')) }
    remember(broken)
    expect((await (await server.join('?after=1')).closed).code).toBe(1013)
    let reads = 0
    remember({
      ...broken,
      textsAfter: async () => [],
      get first() {
        return reads++ < 1 ? 1 : 3
      },
    })
    expect((await (await server.join('?after=1')).closed).code).toBe(1013)
  })
})
