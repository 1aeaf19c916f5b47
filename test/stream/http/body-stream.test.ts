import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/logger.ts'
import { BodyStreams } from '../../../src/stream/http/body-stream.ts'
import { HttpServer, httpSchema } from '../../../src/stream/http.ts'
import { until } from '../../helpers/until.ts'

/** Chunks that are counted, and whether whoever made them was told to stop. */
class Body {
  made = 0
  returned = false
  async *chunks(count: number, size: number, fault?: number) {
    try {
      for (let i = 0; i < count; i++) {
        if (i === fault) throw new Error('the store was closed')
        this.made++
        yield `${String(i).padStart(size - 1, '.')}\n`
      }
    } finally {
      this.returned = true
    }
  }
}

const servers: HttpServer[] = []
afterEach(() => Promise.all(servers.splice(0).map(server => server.stop())))

async function serve(bodies: Record<string, () => AsyncIterable<string>>, streams?: BodyStreams): Promise<string> {
  const routes = Object.entries(bodies).map(([name, body]) => [
    `GET /${name}`,
    () => ({ type: 'text/csv', body: body() }),
  ])
  const rest = { upgrades: {}, page: '/nowhere', logger: silentLogger, streams }
  const server = new HttpServer({ ...httpSchema.parse({ port: 0 }), routes: Object.fromEntries(routes), ...rest })
  servers.push(server)
  await server.start()
  return server.address!
}

/** Sends a request, and reads nothing until `read` is called. */
async function silent(address: string, path: string, version = '1.1') {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname).pause()
  socket.write(`GET ${path} HTTP/${version}\r\nhost: ${hostname}\r\n\r\n`)
  let closed = false
  socket.on('close', () => {
    closed = true
  })
  socket.on('error', () => {})
  return { socket, isClosed: () => closed }
}

describe('a body that is made while it is sent', () => {
  it('arrives whole, in chunks', async () => {
    const body = new Body()
    const address = await serve({ all: () => body.chunks(300, 1000) })
    const answer = await fetch(`${address}/all`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv'])
    expect(answer.headers.get('content-length')).toBeNull()
    const lines = (await answer.text()).trimEnd().split('\n')
    expect([lines.length, lines[299].slice(-4)]).toEqual([300, '.299'])
    expect(body.returned).toBe(true)
  })

  it('is not made for HEAD', async () => {
    const body = new Body()
    const address = await serve({ all: () => body.chunks(3, 10) })
    const answer = await fetch(`${address}/all`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, 'text/csv', ''])
    expect(body.made).toBe(0)
  })

  it('is made no faster than it is read', async () => {
    const body = new Body()
    const address = await serve({ all: () => body.chunks(2000, 65_536) })
    const { socket } = await silent(address, '/all')
    await until(() => body.made > 5)
    await new Promise(resolve => setTimeout(resolve, 200))
    const made = body.made
    await new Promise(resolve => setTimeout(resolve, 100))
    // What the sockets of both sides hold: a few megabytes of 130.
    expect(body.made).toBe(made)
    expect(made).toBeLessThan(400)
    socket.resume()
    await until(() => body.made === 2000)
    socket.destroy()
  })

  it('is given up when the reader hangs up', async () => {
    const body = new Body()
    const address = await serve({ all: () => body.chunks(1e6, 65_536) })
    const { socket } = await silent(address, '/all')
    await until(() => body.made > 5)
    socket.destroy()
    await until(() => body.returned)
    expect(body.made).toBeLessThan(1e4)
  })

  it('is given up when the reader takes nothing for too long', async () => {
    const body = new Body()
    const address = await serve({ all: () => body.chunks(1e6, 65_536) }, new BodyStreams({ patienceMs: 50 }))
    const { socket } = await silent(address, '/all')
    await until(() => body.returned)
    expect(body.made).toBeLessThan(1e4)
    socket.destroy()
  })

  it('that breaks off is not taken for whole', async () => {
    const body = new Body()
    const address = await serve({ all: () => body.chunks(10, 1000, 5) })
    await expect(fetch(`${address}/all`).then(answer => answer.text())).rejects.toThrow(/terminated|fetch failed/)
    expect(body.returned).toBe(true)
  })

  it('that cannot begin is an error like any other', async () => {
    const address = await serve({ all: () => new Body().chunks(10, 1000, 0) })
    const answer = await fetch(`${address}/all`)
    expect([answer.status, await answer.json()]).toEqual([500, { error: expect.stringContaining('log of the daemon') }])
  })

  it('is refused to HTTP/1.0, which has no end', async () => {
    const body = new Body()
    const address = await serve({ all: () => body.chunks(3, 10) })
    const { socket } = await silent(address, '/all', '1.0')
    let text = ''
    socket.on('data', chunk => {
      text += chunk
    })
    socket.resume()
    await until(() => text.includes('}'))
    expect(text).toMatch(/^HTTP\/1\.1 505 [\s\S]*proxy_http_version 1\.1/)
    expect(body.made).toBe(0)
  })

  it('is one of a few', async () => {
    const bodies: Body[] = []
    const make = () => {
      bodies.push(new Body())
      return bodies.at(-1)!.chunks(1e6, 65_536)
    }
    const address = await serve({ all: make }, new BodyStreams({ most: 2 }))
    const readers = [await silent(address, '/all'), await silent(address, '/all')]
    await until(() => bodies.length === 2 && bodies.every(body => body.made > 1))
    const refused = await fetch(`${address}/all`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10'])
    expect(await refused.json()).toMatchObject({ error: '2 exports are under way' })
    for (const { socket } of readers) socket.destroy()
    await until(() => bodies.slice(0, 2).every(body => body.returned))
    const answer = await fetch(`${address}/all`)
    expect(answer.status).toBe(200)
    await answer.body!.cancel()
  })
})
