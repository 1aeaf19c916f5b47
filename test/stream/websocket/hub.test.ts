import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { eventToJson } from '../../../src/stream/event-json.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import type { WebSocketHub } from '../../../src/stream/websocket/hub.ts'
import type { AuscultEvent, Score } from '../../../src/types.ts'
import { episodeEvent, sourceEvent } from '../../helpers/events.ts'
import { hubWith, INFO } from '../../helpers/hub.ts'
import { until } from '../../helpers/until.ts'

let store: EventStore
let hub: WebSocketHub
let server: Server
let port: number
beforeEach(async () => {
  store = new EventStore(storeSchema.parse({}), systemClock, silentLogger)
  await store.start()
  hub = hubWith({ history: store })
  server = createServer()
  server.on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  await hub.stop()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  await store.stop()
})

const score = (source = 'mic', index = 0): Score => ({
  ...{ source, id: `${source}/a/${index}`, index, stream: 'a', offset: index, time: 1000, duration: 1 },
  ...{ score: 2, threshold: 1, anomalous: true, late: false, latent: new Float32Array(2) },
})

/** As the pipeline does it: first durable, then published. */
async function publish(...events: AuscultEvent[]): Promise<void> {
  const numbers = await store.append(events)
  events.forEach((event, index) => {
    hub.event(event, numbers[index])
  })
}

const seqs = (messages: readonly Message[]) => messages.slice(1).map(({ seq }) => seq)

interface Message {
  type: string
  [key: string]: unknown
}

/** Connects and collects messages; resolves once greeted. */
async function join(query = '', origin?: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/stream${query}`, { origin })
  const messages: Message[] = []
  socket.on('message', data => messages.push(JSON.parse(data.toString())))
  const closed = new Promise<number>(resolve => socket.on('close', resolve))
  await new Promise((resolve, reject) => {
    socket.once('message', resolve)
    socket.once('error', reject)
  })
  return { socket, messages, closed }
}

describe('WebSocketHub', () => {
  it('greets, then sends scores and episodes as JSON', async () => {
    const { messages } = await join()
    hub.score(score())
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

  it('sends a client what it asked for', async () => {
    const some = await join('?source=a&source=b')
    const episodes = await join('?kind=episode&kind=source')
    for (const name of ['a', 'b', 'c']) {
      hub.score(score(name))
      await publish(episodeEvent(0, 'opened', name))
    }
    await until(() => some.messages.length >= 5 && episodes.messages.length >= 4)
    expect(some.messages.slice(1).map(({ type, id, event_id }) => [type, id ?? event_id])).toEqual([
      ['score', 'a/a/0'],
      ['episode.opened', 'a/a/0/opened'],
      ['score', 'b/a/0'],
      ['episode.opened', 'b/a/0/opened'],
    ])
    expect(new Set(episodes.messages.slice(1).map(message => message.type))).toEqual(new Set(['episode.opened']))
  })

  it('wants scores only while somebody listens to them', async () => {
    expect(hub.wantsScores).toBe(false)
    const quiet = await join('?kind=episode&kind=source')
    expect([hub.wantsScores, hub.clients]).toEqual([false, 1])
    const { socket } = await join()
    expect(hub.wantsScores).toBe(true)
    socket.close()
    quiet.socket.terminate()
    await until(() => hub.clients === 0)
    expect(hub.wantsScores).toBe(false)
  })

  it('drops scores for a slow client and counts them, while episodes still come', async () => {
    const { socket, messages } = await join()
    const brisk = await join('?source=other')
    socket.pause()
    let sent = 0
    while (hub.counts.unsentScores < 10) {
      for (let i = 0; i < 500; i++) hub.score(score('mic', sent++))
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    await publish(episodeEvent(0))
    hub.score(score('other', sent++))
    await until(() => brisk.messages.length === 2)
    socket.resume()
    await until(() => messages.at(-1)?.type === 'episode.opened')
    expect(messages.length).toBe(1 + sent - hub.counts.unsentScores + 1)
  })

  it('sends a client that was slow all events, from the store', async () => {
    const slow = await join('?kind=episode&kind=source')
    const brisk = await join('?source=other')
    const read = vi.spyOn(store, 'textsAfter')
    slow.socket.pause()
    const message = 'x'.repeat(100_000)
    for (let i = 0; i < 300; i++) await publish({ ...sourceEvent('clipping'), message })
    expect(read).not.toHaveBeenCalled()
    slow.socket.resume()
    await until(() => slow.messages.length === 301)
    await publish(episodeEvent(0, 'opened', 'other'))
    await until(() => brisk.messages.length === 2 && slow.messages.length === 302)
    expect(seqs(slow.messages)).toEqual(Array.from({ length: 301 }, (_, i) => i + 1))
  })

  it('cuts off a client that is sent away and never reads', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n')
    socket.write('sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
    await until(() => hub.clients === 1)
    socket.pause()
    const before = Date.now()
    await hub.stop()
    expect(Date.now() - before).toBeLessThan(4000)
    expect(hub.clients).toBe(0)
  })

  it('refuses pages of other hosts', async () => {
    await expect(join('', 'http://evil.example')).rejects.toThrow('403')
    await expect(join('', 'null')).rejects.toThrow('403')
    await join('', `http://127.0.0.1:${port}`)
  })

  it('says goodbye with 1001 when it stops, and admits nobody after', async () => {
    const { closed } = await join()
    await hub.stop()
    expect(await closed).toBe(1001)
    await expect(join()).rejects.toThrow('503')
  })

  it('survives a client that breaks the protocol', async () => {
    const { socket, closed } = await join()
    socket.send('x'.repeat(10_000))
    expect(await closed).toBe(1009)
    await until(() => hub.clients === 0)
  })
})

describe('WebSocketHub, resuming', () => {
  const many = (n: number, source = 'mic') => Array.from({ length: n }, (_, i) => episodeEvent(i, 'opened', source))

  it('sends what is stored after a number, then what comes', async () => {
    await publish(...many(450))
    const { messages } = await join('?after=3')
    expect(messages[0]).toMatchObject({ type: 'hello', seq: 450, first: 1, resumed: true })
    await until(() => messages.length === 448)
    await publish(episodeEvent(1, 'closed'))
    await until(() => messages.length === 449)
    expect(seqs(messages)).toEqual(Array.from({ length: 448 }, (_, i) => i + 4))
  })

  it('resumes from the latest number, and from nothing', async () => {
    const { messages } = await join('?after=0')
    expect(messages[0]).toMatchObject({ seq: 0, resumed: true })
    await publish(...many(3))
    const again = await join(`?after=3&store=${store.id}`)
    expect(again.messages[0]).toMatchObject({ seq: 3, resumed: true })
    await publish(...many(1))
    await until(() => messages.length === 5 && again.messages.length === 2)
    expect([seqs(messages), seqs(again.messages)]).toEqual([[1, 2, 3, 4], [4]])
  })

  it('does not send again, as it is published, what a client has taken from the store', async () => {
    const events = many(5)
    const numbers = await store.append(events)
    const { messages } = await join('?after=2')
    const late = await join()
    await until(() => messages.length === 4)
    events.forEach((event, index) => {
      hub.event(event, numbers[index])
    })
    await publish(...many(1))
    await until(() => messages.length === 5 && late.messages.length === 2)
    expect([seqs(messages), seqs(late.messages)]).toEqual([[3, 4, 5, 6], [6]])
  })

  it('sends the stored events of some sources only', async () => {
    await publish(...many(300, 'a'), ...many(300, 'b'), ...many(10, 'a'))
    const { messages } = await join('?after=100&source=b&source=c')
    await until(() => messages.length === 301)
    await publish(...many(1, 'a'), ...many(1, 'c'))
    await until(() => messages.length === 302)
    expect(seqs(messages)).toEqual([...Array.from({ length: 300 }, (_, i) => 301 + i), 612])
  })

  it('says what it has missed when retention was faster', async () => {
    const large = { ...sourceEvent('clipping'), message: 'x'.repeat(100_000) }
    await store.stop()
    store = new EventStore(storeSchema.parse({ max_mb: 1 }), systemClock, silentLogger)
    await store.start()
    hub = hubWith({ history: store })
    for (let i = 0; i < 600; i++) await store.append([large])
    await store.trim()
    expect(store.first).toBeGreaterThan(500)
    const { messages } = await join('?after=7')
    expect(messages[0]).toMatchObject({ seq: 600, first: store.first, resumed: false, missed_before: store.first })
    await until(() => messages.length === 1 + 600 - store.first + 1)
    expect(seqs(messages)[0] ?? store.first).toBe(store.first)
  })

  it.each(['?after=57', '?after=1&store=another'])(
    'sends all there is to one that counts otherwise: %s',
    async query => {
      await publish(...many(2))
      const { messages } = await join(query)
      expect(messages[0]).toMatchObject({ seq: 2, resumed: false, missed_before: 1 })
      await until(() => messages.length === 3)
      expect(seqs(messages)).toEqual([1, 2])
    },
  )

  it.each(['?after=', '?after=x', '?after=-1', '?after=1.5', '?after=1e3'])('refuses %s', async query => {
    await expect(join(query)).rejects.toThrow('400')
  })

  it('sends each event once, in order, to clients that are cut again and again while events pour in', async () => {
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
        const { socket, messages, closed } = await join(`?after=${after}&kind=episode&kind=source${query}`)
        await new Promise(resolve => setTimeout(resolve, Math.random() * 30))
        socket.terminate()
        await closed
        const more = seqs(messages) as number[]
        got.push(...more)
        after = more.at(-1) ?? after
      }
      return got
    }
    const pours = [pour(), pour()]
    const followers = [follow(''), follow('&source=a'), follow('')]
    const enough = performance.now() + 1500
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
    hub = hubWith({ history: broken })
    expect(await (await join('?after=1')).closed).toBe(1013)
    let reads = 0
    hub = hubWith({
      history: {
        ...broken,
        textsAfter: async () => [],
        get first() {
          return reads++ < 1 ? 1 : 3
        },
      },
    })
    expect(await (await join('?after=1')).closed).toBe(1013)
  })
})
