import { request } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../src/logger.ts'
import { HttpServer, httpSchema } from '../../../src/stream/http.ts'

const TOKEN = 'a-token-of-30-signs-for-testing'
const servers: HttpServer[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(servers.splice(0).map(server => server.stop()))
})

async function serve(config: object = {}) {
  const changed: unknown[] = []
  const server = new HttpServer({
    ...httpSchema.parse({ port: 0, ...config }),
    routes: {
      'GET /v1/thing': () => ({ body: { changed } }),
      'POST /v1/thing': ({ body, from }) => {
        changed.push(body)
        return { status: 201, body: { body, from } }
      },
      'DELETE /v1/thing': () => ({ body: {} }),
    },
    upgrades: {},
    page: '/nowhere',
    logger: silentLogger,
  })
  servers.push(server)
  await server.start()
  const { port } = new URL(server.address!)
  return {
    changed,
    port,
    /** With no header that is not given; fetch would add some. */
    send: (body: string | Buffer, headers: Record<string, string> = {}, method = 'POST') =>
      new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
        const framing = 'transfer-encoding' in headers ? {} : { 'content-length': `${Buffer.byteLength(body)}` }
        const all = { 'content-type': 'application/json', ...framing, ...headers }
        const outgoing = request(
          { hostname: '127.0.0.1', port, path: '/v1/thing', headers: all, method },
          async response => {
            let text = ''
            for await (const chunk of response) text += chunk
            resolve({ status: response.statusCode!, headers: response.headers, body: text })
          },
        )
        outgoing.on('error', reject)
        outgoing.end(body)
      }),
  }
}

const problem = (answer: { status: number; body: string }) => ({ status: answer.status, ...JSON.parse(answer.body) })

describe('a body', () => {
  it('comes as JSON, or not at all', async () => {
    const { send, changed } = await serve()
    expect(JSON.parse((await send('{"a":"ü"}')).body)).toEqual({ body: { a: 'ü' }, from: '127.0.0.1' })
    await send('[1]', { 'content-type': 'application/json; charset=utf-8' })
    await send('', { 'content-type': '' })
    await send('{"__proto__":{"bad":1}}')
    expect(changed.slice(0, 3)).toEqual([{ a: 'ü' }, [1], {}])
    expect(({} as { bad?: number }).bad).toBeUndefined()
  })

  it.each([
    ['an open brace', '{', {}, 400, /not JSON: .*(position|end)/],
    ['a stray sign', '{"a": nil}', {}, 400, /not JSON: .*nil/],
    ['two values', '{} {}', {}, 400, /not JSON/],
    ['NaN', '{"a":NaN}', {}, 400, /not JSON/],
    ['Latin-1', Buffer.from('{"a":"ü"}', 'latin1'), {}, 400, /not UTF-8/],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /"application\/x-www-form/],
    ['plain text', '{}', { 'content-type': 'text/plain' }, 415, /text\/plain/],
    ['no type', '{}', { 'content-type': '' }, 415, /type/],
    ['another charset', '{}', { 'content-type': 'application/json; charset=latin1' }, 415, /latin1/],
    ['gzip', '{}', { 'content-encoding': 'gzip' }, 415, /gzip/],
    ['65,537 bytes', `"${'x'.repeat(65_535)}"`, {}, 413, /longer than 65536/],
    ['a megabyte', 'x'.repeat(1_000_000), {}, 413, /longer/],
    ['a megabyte, in chunks', 'x'.repeat(1_000_000), { 'transfer-encoding': 'chunked' }, 413, /longer/],
  ] as const)('of %s is refused', async (_, body, headers, status, error) => {
    const { send, changed } = await serve()
    expect(problem(await send(body, headers))).toMatchObject({
      status,
      code: 'AUSCULT_USAGE',
      error: expect.stringMatching(error),
    })
    expect(changed).toEqual([])
  })

  it('of 65,536 bytes is not', async () => {
    expect((await (await serve()).send(`"${'x'.repeat(65_534)}"`)).status).toBe(201)
  })

  it('that breaks off changes nothing and is no failure', async () => {
    const error = vi.spyOn(silentLogger, 'error')
    const { port, changed, send } = await serve()
    await new Promise<void>(resolve => {
      const headers = { 'content-type': 'application/json', 'content-length': '100' }
      const outgoing = request({ hostname: '127.0.0.1', port, path: '/v1/thing', headers, method: 'POST' })
      outgoing.on('error', () => resolve())
      outgoing.write('{"a":', () => setTimeout(() => outgoing.destroy(), 50))
      outgoing.on('close', () => resolve())
    })
    expect((await send('{}')).status).toBe(201)
    expect(changed).toEqual([{}])
    expect(error).not.toHaveBeenCalled()
  })
})

describe('changes', () => {
  it('come from the same origin, or from a program', async () => {
    const { send, port } = await serve()
    const own = await send('{}', { origin: `http://127.0.0.1:${port}` })
    const named = await send('{}', { host: `localhost:${port}`, origin: `http://localhost:${port}` })
    expect([own.status, named.status]).toEqual([201, 201])
  })

  it.each(['http://evil.example', 'null', 'https://127.0.0.1:1', 'file://', 'http://localhost', ''])(
    'do not come from a page of %j',
    async origin => {
      const { send, changed } = await serve({ token: TOKEN })
      const answer = await send('{}', { origin, authorization: `Bearer ${TOKEN}` })
      expect(problem(answer)).toMatchObject({ status: 403, code: 'AUSCULT_FORBIDDEN', remedy: expect.any(String) })
      expect(changed).toEqual([])
    },
  )

  it.each([
    ['none', {}],
    ['another', { authorization: `Bearer ${TOKEN}x` }],
    ['a part', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['nothing but the scheme', { authorization: 'Bearer ' }],
    ['two', { authorization: `Bearer ${TOKEN} ${TOKEN}` }],
  ] as const)('need the token, where there is one: %s', async (_, headers) => {
    const { send, changed } = await serve({ token: TOKEN })
    for (const method of ['POST', 'DELETE']) {
      const answer = await send('{}', headers, method)
      expect(problem(answer)).toMatchObject({ status: 401, code: 'AUSCULT_FORBIDDEN' })
      expect(answer.headers['www-authenticate']).toContain('Bearer')
      expect(JSON.stringify(answer)).not.toContain(TOKEN)
    }
    expect(changed).toEqual([])
    expect((await send('', {}, 'GET')).status).toBe(200)
    expect((await send('{}', { authorization: `bearer  ${TOKEN}` })).status).toBe(201)
  })

  it('are refused where the network reaches an address without a token', async () => {
    const warn = vi.spyOn(silentLogger, 'warn')
    const { send } = await serve({ host: '0.0.0.0' })
    expect(problem(await send('{}'))).toMatchObject({
      status: 403,
      remedy: expect.stringContaining('AUSCULT_HTTP_TOKEN'),
    })
    expect((await send('', {}, 'GET')).status).toBe(200)
    const { send: sendTo } = await serve({ host: '0.0.0.0', token: TOKEN })
    expect((await sendTo('{}')).status).toBe(401)
    expect((await sendTo('{}', { authorization: `Bearer ${TOKEN}` })).status).toBe(201)
    expect(warn).toHaveBeenCalledTimes(2)
    expect(JSON.stringify(warn.mock.calls)).not.toContain(TOKEN)
  })

  it('are refused before anything is read', async () => {
    const { send } = await serve({ token: TOKEN })
    expect((await send('{')).status).toBe(401)
  })
})
