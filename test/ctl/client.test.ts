import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Client } from '../../src/ctl/client.ts'
import { errorOf } from '../helpers/temporary.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A client of a server that answers so. */
async function asking(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  token?: string,
): Promise<Client> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return new Client({ url: `127.0.0.1:${(server.address() as AddressInfo).port}`, token })
}

const json = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

describe('a request', () => {
  it('encodes what people name, and shows the token', async () => {
    const seen: unknown[] = []
    const client = await asking((request, response) => {
      const { method, url, headers } = request
      seen.push([method, url, headers.authorization])
      json(response, 200, {})
    }, 'secret')
    await client.get(['v1', 'episodes', 'mic/a b/#7?', 'evidence'], { limit: 1, source: 'a&b', none: undefined })
    await client.delete(['v1', 'mutes', 'm1'], { who: 'ada@x' })
    expect(seen).toEqual([
      ['GET', '/v1/episodes/mic%2Fa%20b%2F%237%3F/evidence?limit=1&source=a%26b', 'Bearer secret'],
      ['DELETE', '/v1/mutes/m1?who=ada%40x', 'Bearer secret'],
    ])
  })

  it('sends JSON', async () => {
    const client = await asking(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      json(response, 200, { type: request.headers['content-type'], text, token: request.headers.authorization })
    })
    const sent = { type: 'application/json', text: '{"who":"ada"}' }
    expect(await client.post(['v1', 'mutes'], { who: 'ada', note: undefined })).toEqual(sent)
    expect(await client.put(['v1', 'threshold'], { who: 'ada' })).toEqual(sent)
  })

  it('goes below the path of the address', async () => {
    const client = await asking((request, response) => json(response, 200, { url: request.url }))
    const behind = new Client({ url: `${client.url}/auscult/` })
    expect(await behind.get(['v1', 'info'])).toEqual({ url: '/auscult/v1/info' })
  })
})

describe('a refusal', () => {
  it('is as the daemon says it', async () => {
    const problem = { error: 'there is no mute m9', code: 'AUSCULT_NOT_FOUND', at: 'm9', remedy: 'List the mutes.' }
    const client = await asking((_, response) => json(response, 404, problem))
    const error = await errorOf(() => client.get(['v1', 'x']))
    expect(error).toMatchObject({ code: 'AUSCULT_NOT_FOUND', message: problem.error, at: 'm9', remedy: problem.remedy })
  })

  it('of a kind that is not known here keeps its words', async () => {
    const client = await asking((_, response) => json(response, 418, { error: 'no tea', code: 'AUSCULT_TEAPOT' }))
    expect(await errorOf(() => client.get(['v1', 'x']))).toMatchObject({
      code: 'AUSCULT_UNREACHABLE',
      message: 'no tea',
    })
  })

  it.each([
    ['a page', 404, '<html>'],
    ['an empty page', 502, ''],
    ['other JSON', 500, '{"message":"x"}'],
  ])('of something else, with %s, is said to be that', async (_, status, text) => {
    const client = await asking((_, response) => response.writeHead(status).end(text))
    const message = `what listens there answered with status ${status}`
    expect(await errorOf(() => client.get(['v1', 'x']))).toMatchObject({ code: 'AUSCULT_UNREACHABLE', message })
  })

  it('is also an answer that is no JSON', async () => {
    const client = await asking((_, response) => response.end('<html>'))
    expect(await errorOf(() => client.get(['v1', 'x']))).toMatchObject({ code: 'AUSCULT_UNREACHABLE', at: client.url })
  })
})

describe('health', () => {
  it('is told also when it is bad', async () => {
    const client = await asking((_, response) => json(response, 503, { status: 'not ready' }))
    expect(await client.health(['readyz'])).toEqual({ status: 'not ready' })
    await expect(client.get(['readyz'])).rejects.toMatchObject({ code: 'AUSCULT_UNREACHABLE' })
  })
})

describe('a download', () => {
  it.each([
    ['attachment; filename="clip.wav"; filename*=UTF-8\'\'clip.wav', 'clip.wav'],
    ['attachment; filename="../../etc/passwd"', 'clip'],
    [undefined, 'clip'],
  ])('called %s is %s', async (disposition, name) => {
    const client = await asking((_, response) => {
      if (disposition) response.setHeader('content-disposition', disposition)
      response.end(Buffer.from([1, 2, 3]))
    })
    expect(await client.download(['clip'])).toEqual({ name, bytes: new Uint8Array([1, 2, 3]) })
  })
})

describe('an address', () => {
  it('where nothing listens is named', async () => {
    const client = await asking(() => {})
    await new Promise(resolve => servers.pop()!.close(resolve))
    expect(await errorOf(() => client.get(['v1', 'info']))).toMatchObject({
      code: 'AUSCULT_UNREACHABLE',
      message: 'no daemon listens there',
      at: client.url,
      remedy: expect.stringContaining('AUSCULT_URL'),
    })
  })

  it('that hangs up is named', async () => {
    const client = await asking(request => request.socket.destroy())
    expect(await errorOf(() => client.get(['v1', 'info']))).toMatchObject({ code: 'AUSCULT_UNREACHABLE' })
  })

  it.each(['', 'ftp://x', 'http://', 'file:///etc', 'http://a b'])('"%s" is refused', url => {
    expect(() => new Client({ url })).toThrow(expect.objectContaining({ code: 'AUSCULT_USAGE' }))
  })
})

describe('an answer of any length', () => {
  const read = async (client: Client) => {
    let bytes = 0
    for await (const chunk of await client.stream(['v1', 'export', 'events'], { kind: ['episode', 'drift'] })) {
      bytes += chunk.length
    }
    return bytes
  }

  it('comes as it is sent', async () => {
    const client = await asking((request, response) => {
      expect(request.url).toBe('/v1/export/events?kind=episode&kind=drift')
      response.write('a'.repeat(100_000))
      setTimeout(() => response.end('b'), 20)
    })
    expect(await read(client)).toBe(100_001)
  })

  it('is an error where it breaks off', async () => {
    const client = await asking((_, response) => {
      response.write('a'.repeat(1000))
      setTimeout(() => response.destroy(), 20)
    })
    expect(await errorOf(() => read(client))).toMatchObject({
      code: 'AUSCULT_UNREACHABLE',
      message: 'the answer broke off',
      remedy: expect.stringContaining('not all of it'),
    })
  })
})
