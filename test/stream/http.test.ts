import { request } from 'node:http'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/logger.ts'
import { HttpServer, httpSchema } from '../../src/stream/http.ts'

const page = fileURLToPath(new URL('../fixtures/page', import.meta.url))

const make = (config: object = { port: 0 }) =>
  new HttpServer({
    ...httpSchema.parse(config),
    routes: {
      '/v1/echo': query => ({ body: { q: query.get('q') } }),
      '/text': () => ({ type: 'text/plain', body: 'plain' }),
      '/broken': () => {
        throw new Error('boom at /srv/private')
      },
    },
    upgrades: { '/v1/stream': (_request, socket) => socket.end('HTTP/1.1 101 Yes\r\n\r\n') },
    page,
    logger: silentLogger,
  })

let server: HttpServer
beforeEach(async () => {
  server = make()
  await server.start()
})
afterEach(() => server.stop())

/** fetch cannot set the Host header. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(server.address!)
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const outgoing = request({ hostname, port, path, headers, method }, async response => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ status: response.statusCode!, headers: response.headers, body })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function upgrade(path: string, host: string): Promise<string> {
  const { hostname, port } = new URL(server.address!)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    socket.on('data', data => resolve(data.toString().split('\r\n')[0]))
    socket.on('error', reject)
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`)
  })
}

describe('HttpServer', () => {
  it('answers routes as JSON or text, with their query', async () => {
    expect(await get('/v1/echo?q=a%20b')).toMatchObject({ status: 200, body: '{"q":"a b"}\n' })
    expect(await get('/text')).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'plain' })
  })

  it('serves the page at / with a content security policy', async () => {
    const { status, headers, body } = await get('/')
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(headers['content-security-policy']).toContain("script-src 'self'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(body).toContain('<title>')
  })

  it.each(['/absent', '/../http.test.ts', '/%2e%2e/http.test.ts', '/constructor', '/__proto__'])(
    '404 for %s',
    async path => {
      expect((await get(path)).status).toBe(404)
    },
  )

  it('answers HEAD without a body and refuses to be written to', async () => {
    expect(await get('/text', {}, 'HEAD')).toMatchObject({ status: 200, headers: { 'content-length': '5' }, body: '' })
    expect(await get('/text', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })

  it('hides what went wrong inside', async () => {
    const { status, body } = await get('/broken')
    expect([status, body]).toEqual([500, ''])
  })

  it.each(['localhost:8080', '127.0.0.1', '127.0.0.1:9', '[::1]:8080', '[::1]'])('trusts the host %s', async host => {
    expect((await get('/text', { host })).status).toBe(200)
  })

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080', '192.168.1.4'])(
    'does not trust the host %s, which a rebound DNS name would send',
    async host => {
      expect((await get('/text', { host })).status).toBe(421)
      expect(await upgrade('/v1/stream', host)).toContain('421')
    },
  )

  it('hands upgrades on, and refuses others', async () => {
    expect(await upgrade('/v1/stream', 'localhost')).toContain('101')
    expect(await upgrade('/elsewhere', 'localhost')).toContain('404')
    expect((await get('/v1/stream')).status).toBe(426)
  })

  it('says which port is taken and what to do', async () => {
    const port = Number(new URL(server.address!).port)
    const remedy = expect.stringContaining('http.port')
    const error = { code: 'AUSCULT_PORT_IN_USE', at: `127.0.0.1:${port}`, remedy }
    await expect(make({ port }).start()).rejects.toMatchObject(error)
  })

  it('says when the host is not of this machine', async () => {
    const start = make({ host: '203.0.113.7', port: 0 }).start()
    await expect(start).rejects.toMatchObject({ code: 'AUSCULT_CONFIG', at: '203.0.113.7:0' })
  })

  it('stops although a client keeps its connection, and may be stopped unstarted', async () => {
    const { hostname, port } = new URL(server.address!)
    const idle = connect(Number(port), hostname)
    await new Promise(resolve => idle.once('connect', resolve))
    await server.stop()
    expect(server.address).toBeUndefined()
    await make().stop()
  })
})
