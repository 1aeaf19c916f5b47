import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { WebSocketHub } from '../../src/stream/websocket.ts'
import type { EpisodeEvent, Score } from '../../src/types.ts'
import { until } from '../helpers/until.ts'

let hub: WebSocketHub
let server: Server
let port: number
beforeEach(async () => {
  hub = new WebSocketHub(() => ({ name: 'pump' }))
  server = createServer()
  server.on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  await hub.stop()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const score = (source = 'mic', index = 0): Score => ({
  ...{ source, id: `${source}/a/${index}`, index, stream: 'a', offset: index, time: 1000, duration: 1 },
  ...{ score: 2, threshold: 1, anomalous: true, late: false, latent: new Float32Array(2) },
})

const opened = (source = 'mic', stream = 'a'): EpisodeEvent => ({
  type: 'episode.opened',
  eventId: `${source}/a/0/opened`,
  episode: {
    ...{ id: `${source}/a/0`, source, state: 'open', openedAt: 0, lastAt: 1, stream, offset: 0 },
    ...{ windows: 2, peakScore: 3, meanScore: 2, threshold: 1 },
  },
})

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
    hub.event(opened())
    await until(() => messages.length === 3)
    expect(messages[0]).toEqual({ type: 'hello', protocol: 1, name: 'pump' })
    expect(messages[1]).toEqual({
      ...{ type: 'score', source: 'mic', id: 'mic/a/0', index: 0, stream: 'a', offset: 0, time: 1000, duration: 1 },
      ...{ score: 2, threshold: 1, anomalous: true },
    })
    expect(messages[2]).toMatchObject({ type: 'episode.opened', event_id: 'mic/a/0/opened', episode: { opened_at: 0 } })
  })

  it('sends a client what it asked for', async () => {
    const some = await join('?source=a&source=b')
    const episodes = await join('?scores=0')
    for (const name of ['a', 'b', 'c']) {
      hub.score(score(name))
      hub.event(opened(name))
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
    const quiet = await join('?scores=0')
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
    while (hub.unsentScores < 10) hub.score(score('mic', sent++))
    hub.event(opened())
    hub.score(score('other', sent++))
    await until(() => brisk.messages.length === 2)
    socket.resume()
    await until(() => messages.at(-1)?.type === 'episode.opened')
    expect(messages.length).toBe(1 + sent - hub.unsentScores + 1)
  })

  it('sends a client away with 1013 that is too slow for episodes, and keeps the others', async () => {
    const slow = await join()
    const brisk = await join('?source=other')
    slow.socket.pause()
    const long = 'x'.repeat(100_000)
    for (let i = 0; i < 500 && hub.clients === 2; i++) hub.event(opened('mic', long))
    expect(hub.clients).toBe(1)
    slow.socket.resume()
    expect(await slow.closed).toBe(1013)
    hub.event(opened('other'))
    await until(() => brisk.messages.length === 2)
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
