import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Score } from '../../../src/types.ts'
import { hubWith } from '../../helpers/hub.ts'
import { clientFrame, HubServer } from '../../helpers/hub-server.ts'
import { until } from '../../helpers/until.ts'

let server: HubServer
beforeEach(async () => {
  server = await new HubServer(hubWith()).start()
})
afterEach(() => server.stop())

const score: Score = {
  ...{ source: 'mic', id: 'mic/a/0', index: 0, stream: 'a', offset: 0, time: 1000, duration: 1 },
  ...{ score: 2, threshold: 1, anomalous: true, late: false, latent: new Float32Array(2) },
}

/** Whether the hub still serves. */
async function works(): Promise<void> {
  const { socket, messages } = await server.join('?kind=score')
  server.hub.score(score)
  await until(() => messages.length === 2)
  socket.terminate()
}

describe('who is let in', () => {
  it('are no pages of other hosts', async () => {
    await expect(server.join('', 'http://evil.example')).rejects.toThrow('403')
    await expect(server.join('', 'null')).rejects.toThrow('403')
    await server.join('', `http://127.0.0.1:${server.port}`)
    expect(server.hub.counts.refused.origin).toBe(2)
  })

  it('hear what is wrong with what they ask for', async () => {
    const { head, body } = await server.refusal('?scores=0')
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(body).toEqual({
      ...{ error: 'this is not known here', code: 'AUSCULT_USAGE', at: '/v1/stream?scores' },
      remedy: expect.stringContaining('docs/websocket.md'),
    })
    expect(server.hub.counts.refused.query).toBe(1)
  })

  it('shake hands as the protocol says', async () => {
    const { head, body } = await server.refusal('', ['host: x', 'connection: upgrade', 'upgrade: websocket'])
    expect(head).toMatch(/^HTTP\/1\.1 400 /)
    expect(head).toContain('sec-websocket-version: 13')
    expect(body).toMatchObject({ code: 'AUSCULT_USAGE', error: expect.stringContaining('Sec-WebSocket-Key') })
    expect(server.hub.counts.refused.handshake).toBe(1)
  })

  it('are so many of one address, and so many in all', async () => {
    await server.stop()
    server = await new HubServer(hubWith({ config: { max_clients: 5, max_clients_per_address: 3 } })).start()
    const first = await Promise.all([server.join(), server.join(), server.join()])
    const { head, body } = await server.refusal('')
    expect(head).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/)
    expect(head).toContain('retry-after: 10')
    expect(body).toMatchObject({ error: 'there are 3 clients from 127.0.0.1 already', code: 'AUSCULT_FORBIDDEN' })
    expect(body.remedy).toContain('websocket.max_clients_per_address')
    first[0].socket.terminate()
    await until(() => server.hub.clients === 2)
    await server.join()
    expect(server.hub.counts.refused).toMatchObject({ address: 1, full: 0 })
    await server.stop()
    server = await new HubServer(hubWith({ config: { max_clients: 1 } })).start()
    await server.join()
    expect((await server.refusal('')).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(server.hub.counts.refused.full).toBe(1)
  })

  it('survive hundreds of connections that hang up while they are let in or refused', async () => {
    for (let i = 0; i < 300; i++) {
      const socket = server.raw(i % 2 === 0 ? '' : '?after=x')
      socket.once('connect', () => setTimeout(() => socket.resetAndDestroy(), i % 7))
    }
    await works()
    await until(() => server.hub.clients === 0)
  })
})

describe('what clients send', () => {
  const PING = 9
  const TEXT = 1
  const BINARY = 2

  it.each([
    ['too long a message', clientFrame(TEXT, 'x'.repeat((16 << 10) + 1))],
    [
      'a message in pieces that are too long together',
      Buffer.concat(Array.from({ length: 20 }, (_, i) => clientFrame(i ? 0 : TEXT, 'x'.repeat(1000), false))),
    ],
    ['a frame that is not masked', Buffer.of(0x81, 1, 65)],
    ['bits that mean nothing', Buffer.of(0xf1, 0x80, 0, 0, 0, 0)],
    ['text that is none', clientFrame(TEXT, Buffer.of(0xff, 0xfe))],
    ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(1000))],
  ])('is answered with a close: %s', async (_, bytes) => {
    const socket = server.raw()
    await until(() => server.hub.clients === 1)
    socket.write(bytes)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk)
    // The last is a close frame.
    const end = Buffer.concat(chunks).subarray(-4)
    expect(end.toString('hex', 0, 2)).toBe('8802')
    expect([1002, 1007, 1009]).toContain(end.readUInt16BE(2))
    await until(() => server.hub.clients === 0)
    expect(server.hub.counts.closed.protocol).toBe(1)
    await works()
  })

  it('is text, and what is not is answered', async () => {
    const { socket, messages } = await server.join()
    socket.send(Buffer.of(1, 2, 3))
    socket.send('{"type":"subscribe","every":"often"}')
    await until(() => messages.length === 3)
    expect(messages.slice(1).map(({ type, at }) => [type, at])).toEqual([
      ['error', 'message'],
      ['error', 'every'],
    ])
    socket.send('{"type":"subscribe","every":2}')
    await until(() => messages.length === 4)
    expect(messages[3]).toMatchObject({ type: 'subscribed', every: 2 })
  })

  it.each([
    ['messages', clientFrame(TEXT, '{"type":"subscribe"}')],
    ['bytes', clientFrame(BINARY, 'x')],
    ['pings', clientFrame(PING, 'x'.repeat(125))],
    ['empty pieces', clientFrame(0, '', false)],
  ])('is bounded: %s without end', async (name, frame) => {
    const socket = server.raw()
    await until(() => server.hub.clients === 1)
    const many = Buffer.concat(Array(500).fill(frame))
    if (name === 'empty pieces') socket.write(clientFrame(TEXT, '', false))
    let sent = 0
    // It never reads, and writes as much as is taken.
    socket.pause()
    while (server.hub.clients > 0 && sent < 50e6) {
      sent += many.length
      socket.write(many)
      await new Promise(resolve => setTimeout(resolve, 5))
      if (socket.destroyed) break
    }
    await until(() => server.hub.clients === 0)
    const { flood, protocol } = server.hub.counts.closed
    expect(flood + protocol).toBe(1)
    socket.destroy()
    await works()
  })
})
