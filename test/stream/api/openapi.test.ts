import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/logger.ts'
import { operations } from '../../../src/stream/api/operations.ts'
import { apiRoutes } from '../../../src/stream/api.ts'
import { HttpServer, httpSchema } from '../../../src/stream/http.ts'
import { fakeView, ODD } from '../../helpers/daemon-view.ts'
import { ajv, described, descriptionOf, document, faultsOf, validatorOf } from '../../helpers/openapi.ts'
import { PROJECT } from '../../helpers/requires.ts'

const references = (value: unknown): string[] => {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : references(child),
  )
}

describe('the OpenAPI document', () => {
  // `npx vitest run test/stream/api/openapi.test.ts -u` writes the file.
  it('stands in docs/schema', async () => {
    const text = `${JSON.stringify(document, null, 2)}\n`
    await expect(text).toMatchFileSnapshot(join(PROJECT, 'docs', 'schema', 'openapi.json'))
  })

  it('describes every route and no other', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/)
    expect(described.map(({ route }) => route).sort()).toEqual(operations.map(({ route }) => route).sort())
    expect(Object.keys(apiRoutes(fakeView())).sort()).toEqual(described.map(({ route }) => route).sort())
  })

  it.each(described)('declares $route in full', ({ path, route, operation }) => {
    const names = (place: string) =>
      operation.parameters?.filter(each => each.in === place).map(each => each.name) ?? []
    expect(names('path')).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]))
    expect(operation.parameters?.filter(each => each.in === 'path' && !each.required) ?? []).toEqual([])
    expect(new Set(names('query')).size).toBe(names('query').length)
    expect(operation.summary).toMatch(/^.{5,}$/)
    expect(Object.keys(operation.responses).some(status => status.startsWith('2'))).toBe(true)
    expect(Object.values(operation.responses).every(({ description }) => description.length > 3)).toBe(true)
    const isChange = !route.startsWith('GET ')
    expect([operation.security !== undefined, '401' in operation.responses]).toEqual([isChange, isChange])
    for (const { schema } of operation.parameters ?? []) expect(() => ajv.compile(schema)).not.toThrow()
  })

  it('names operations once, and schemas that exist', () => {
    const ids = described.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const found = [...new Set(references(document))].sort()
    expect(found).toEqual(
      Object.keys(document.components.schemas)
        .map(name => `#/components/schemas/${name}`)
        .sort(),
    )
    for (const reference of found) expect(() => validatorOf(reference)).not.toThrow()
  })
})

const odd = encodeURIComponent(ODD)

/** A request to each route, with each status that it answers in the fake daemon. */
const EXAMPLES: [request: string, status: number, body?: object][] = [
  ['GET /metrics', 200],
  ['GET /healthz', 200],
  ['GET /readyz', 503],
  ['GET /v1/info', 200],
  ['GET /v1/schemas', 200],
  ['GET /v1/openapi.json', 200],
  ['GET /v1/status', 200],
  ['GET /v1/sources?limit=2', 200],
  [`GET /v1/sources/${odd}`, 200],
  ['GET /v1/sources/nobody', 404],
  ['GET /v1/sources/mic/scores?seconds=60&points=2', 200],
  ['GET /v1/sources/nobody/scores', 404],
  ['POST /v1/sources/mic/recalibrate', 200, { dry_run: true }],
  ['POST /v1/sources/new/recalibrate', 409, {}],
  ['POST /v1/sources/mic/revert', 200, {}],
  ['GET /v1/episodes', 200],
  ['GET /v1/episodes?limit=2&state=closed', 200],
  ['GET /v1/episodes?limit=no', 400],
  [`GET /v1/episodes/${odd}`, 200],
  ['GET /v1/episodes/nobody', 404],
  [`GET /v1/episodes/${odd}/evidence`, 200],
  [`GET /v1/episodes/${odd}/clip`, 200],
  ['GET /v1/episodes/nobody/clip', 404],
  [`POST /v1/episodes/${odd}/acknowledge`, 200, { who: 'ada' }],
  [`POST /v1/episodes/${odd}/false-alarm`, 200, { seconds: 60 }],
  ['GET /v1/clusters', 200],
  ['GET /v1/clusters/3', 200],
  ['PUT /v1/clusters/3/label', 200, { label: 'belt squeal' }],
  ['PUT /v1/clusters/3/label', 400, { label: 3 }],
  ['GET /v1/mutes', 200],
  ['POST /v1/mutes', 201, { source: 'mic', seconds: 60 }],
  ['DELETE /v1/mutes/m1', 200],
  ['GET /v1/thresholds', 200],
  ['PUT /v1/threshold', 200, { policy: { policy: 'percentile', value: 99 } }],
  ['DELETE /v1/threshold', 200],
  ['GET /v1/events', 200],
  ['GET /v1/events?kind=episode&kind=drift&source=mic&since=1&limit=2&after=0', 200],
  ['GET /v1/events?kind=noise', 400],
  ['GET /v1/audit', 200],
  ['GET /v1/audit?action=muted&source=mic&since=1&until=9', 200],
  ['GET /v1/export/episodes', 200],
  ['GET /v1/export/events?format=jsonl&kind=episode', 200],
  ['GET /v1/export/events?format=xml', 400],
  ['GET /v1/export/audit', 200],
  ['GET /v1/webhooks', 200],
  ['POST /v1/webhooks/team/test', 200],
  ['POST /v1/webhooks/nobody/test', 404],
  ['GET /v1/map', 200],
  ['GET /v1/map/points?after=1', 200],
]

describe('answers', () => {
  const server = new HttpServer({
    ...httpSchema.parse({ port: 0 }),
    routes: apiRoutes(fakeView()),
    upgrades: {},
    page: '/nowhere',
    logger: silentLogger,
  })
  beforeAll(() => server.start())
  afterAll(() => server.stop())

  it('are tried of every route', () => {
    const tried = new Set(
      EXAMPLES.filter(([, status]) => status < 400 || status === 503).map(([request]) => descriptionOf(request).route),
    )
    expect([...tried].sort()).toEqual(operations.map(({ route }) => route).sort())
  })

  it.each(EXAMPLES)('%s: %i, as it is described', async (request, status, body) => {
    const { operation } = descriptionOf(request)
    const [method, path] = request.split(' ')
    const reference = operation.requestBody?.content['application/json'].schema?.$ref
    if (body && status < 300) expect(validatorOf(reference!)(body)).toBe(true)
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await fetch(`${server.address}${path}`, { method, ...(body && json) })
    expect(answer.status).toBe(status)
    const type = answer.headers.get('content-type')!.split(';')[0]
    expect(Object.keys(operation.responses[status].content)).toContain(type)
    if (type === 'application/json') expect(faultsOf(request, status, await answer.json())).toBe('')
  })
})
