import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowOf, decodeParams, Router } from '../../../src/stream/http/router.ts'
import { errorOf } from '../../helpers/temporary.ts'

const handler = () => ({ body: '' })
const routes = [
  'GET /',
  'GET /v1/episodes',
  'GET /v1/episodes/{id}',
  'POST /v1/episodes/{id}/acknowledge',
  'GET /v1/episodes/{id}/evidence',
  'GET /v1/episodes/latest/{what}',
  'PUT /v1/{kind}/{id}/label',
  'DELETE /v1/episodes/{episode}',
]
const router = new Router(Object.fromEntries(routes.map(route => [route, handler])))

function find(method: string, path: string): Record<string, string> | undefined {
  const place = router.find(path)
  const target = place?.targets.get(method)
  return target && decodeParams(target.names, place!.values)
}

describe('Router', () => {
  it.each([
    ['GET', '/', {}],
    ['GET', '/v1/episodes', {}],
    ['GET', '/v1/episodes/a', { id: 'a' }],
    ['DELETE', '/v1/episodes/a', { episode: 'a' }],
    ['GET', '/v1/episodes/latest/clip', { what: 'clip' }],
    ['GET', '/v1/episodes/latest', { id: 'latest' }],
    // The literal leads nowhere here: the parameter does.
    ['POST', '/v1/episodes/latest/acknowledge', undefined],
    ['PUT', '/v1/episodes/3/label', { kind: 'episodes', id: '3' }],
    ['PUT', '/v1/clusters/3/label', { kind: 'clusters', id: '3' }],
    ['GET', '/v1/episodes/', undefined],
    ['GET', '/v1/episodes//evidence', undefined],
    ['GET', '/v1/episodes/a/b', undefined],
    ['GET', '/v1', undefined],
    ['GET', '', undefined],
    ['GET', '/__proto__', undefined],
    ['POST', '/v1/episodes', undefined],
  ])('%s %s', (method, path, params) => {
    expect(find(method, path)).toEqual(params)
  })

  it('names what may be done at a path', () => {
    expect(allowOf(router.find('/v1/episodes/a')!)).toBe('GET, HEAD, DELETE')
    expect(allowOf(router.find('/v1/episodes/a/acknowledge')!)).toBe('POST')
  })

  it('gives back any id that was percent-encoded, and never takes it for another path', () => {
    const id = fc.oneof(
      fc.string({ minLength: 1, unit: 'binary' }),
      fc.string({ minLength: 1, unit: fc.constantFrom('/', '%', '2', 'F', '.', '?', '#', '{', '}', ' ', '+', 'ü') }),
    )
    fc.assert(
      fc.property(id, id => {
        expect(find('GET', `/v1/episodes/${encodeURIComponent(id)}/evidence`)).toEqual({ id })
        expect(find('GET', `/v1/episodes/${encodeURIComponent(id)}`)).toEqual({ id })
      }),
    )
  })

  it('never fails on a path that nobody would send, but says that it is wrong', async () => {
    for (const path of ['%', '%E0%A4', 'a%2', '%ff']) {
      const error = await errorOf(() => find('GET', `/v1/episodes/${path}`))
      expect(error).toMatchObject({ status: 400, code: 'AUSCULT_USAGE', at: 'path.id' })
    }
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('/', '{', '}', '.', 'v', '1', 'a') }),
        path => void router.find(path),
      ),
    )
  })
})
