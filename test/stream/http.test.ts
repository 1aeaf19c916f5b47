import { request } from 'node:http'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { silentLogger } from '../../src/logger.ts'
import { HttpServer, httpSchema } from '../../src/stream/http.ts'

const page = fileURLToPath(new URL('../fixtures/page', import.meta.url))

const make = (config: object = { port: 0 }) =>
  new HttpServer({
    ...httpSchema.parse(config),
    routes: {
      'GET /v1/echo': ({ query }) => ({ body: { q: query.get('q') } }),
      'GET /v1/things/{id}': ({ params }) => ({ body: params }),
      'POST /v1/things/{id}': ({ params, body, from }) => ({ status: 201, body: { ...params, body, from } }),
      'DELETE /v1/things/{id}': ({ params }) => ({ body: params }),
      'GET /text': () => ({ type: 'text/plain', body: 'plain' }),
      'GET /bytes': () => ({ type: 'audio/wav', headers: { 'content-disposition': 'x' }, body: Uint8Array.of(0, 255) }),
      'GET /broken': () => {
        throw new Error('boom at /srv/private')
      },
      'GET /refused': () => {
        throw new AuscultError('AUSCULT_RECALIBRATION', 'too few', { at: 'mic', remedy: 'Wait.', cause: 'secret' })
      },
      'GET /engine': () => {
        throw new AuscultError('AUSCULT_ENGINE', 'libfoo at 0x1', { at: '/srv/private' })
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
    expect(await get('/', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    expect(await get('/v1/things/a', {}, 'PATCH')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, POST, DELETE' },
    })
    expect(await get('/absent', {}, 'POST')).toMatchObject({ status: 404 })
  })

  it('answers bytes as they are, with the headers of the route', async () => {
    const answer = await fetch(`${server.address}/bytes`)
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 255])
    expect([answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual(['audio/wav', 'x'])
  })

  it('gives routes what is in the path, percent-decoded', async () => {
    expect((await get('/v1/things/pump%2F%C3%BC%20a.wav%2F0')).body).toBe('{"id":"pump/ü a.wav/0"}\n')
    expect((await get('/v1/things/')).status).toBe(404)
    const { status, body } = await get('/v1/things/%E0%A4%A')
    expect([status, JSON.parse(body)]).toMatchObject([400, { code: 'AUSCULT_USAGE', at: 'path.id' }])
  })

  it('says what was refused, why, and what to do', async () => {
    const { status, body } = await get('/refused')
    const problem = { error: 'too few', code: 'AUSCULT_RECALIBRATION', at: 'mic', remedy: 'Wait.' }
    expect([status, JSON.parse(body)]).toEqual([409, problem])
  })

  it('hides what went wrong inside', async () => {
    const error = vi.spyOn(silentLogger, 'error').mockReturnValue()
    for (const path of ['/broken', '/engine?token=a']) {
      const { status, body } = await get(path)
      expect([status, body]).toEqual([500, '{"error":"this failed; the log of the daemon says why"}\n'])
    }
    expect(error.mock.calls.map(([details]) => details)).toEqual([
      { method: 'GET', path: '/broken', error: 'boom at /srv/private' },
      { method: 'GET', path: '/engine', error: 'libfoo at 0x1' },
    ])
    error.mockRestore()
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
