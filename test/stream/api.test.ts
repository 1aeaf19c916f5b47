import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../src/logger.ts'
import { apiRoutes } from '../../src/stream/api.ts'
import { HttpServer, httpSchema } from '../../src/stream/http.ts'
import { fakeView, ODD } from '../helpers/daemon-view.ts'

const view = fakeView()
const odd = encodeURIComponent(ODD)
const server = new HttpServer({
  ...httpSchema.parse({ port: 0 }),
  routes: apiRoutes(view),
  upgrades: {},
  page: '/nowhere',
  logger: silentLogger,
})
beforeAll(() => server.start())
afterAll(() => server.stop())
beforeEach(() => {
  view.decided.length = 0
})

async function ask(route: string, body?: unknown) {
  const [method, path] = route.split(' ')
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`${server.address}${path}`, { method, ...(body !== undefined && json) })
  const text = await answer.text()
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text, headers: answer.headers }
}

describe('what was there before', () => {
  it('is not ready while one part is not, and says why', async () => {
    const { status, body } = await ask('GET /readyz')
    expect([status, body]).toEqual([503, { status: 'not ready', components: view.components() }])
    expect(await ask('GET /healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
  })

  it('passes on metrics and info, whatever the query', async () => {
    expect((await ask('GET /metrics?now=1')).body).toBe('auscult_build_info 1')
    expect((await ask('GET /v1/info')).body).toEqual(view.info())
  })

  it('gives episodes without being asked for anything', async () => {
    const { body } = await ask('GET /v1/episodes')
    expect(body.episodes[0]).toMatchObject({ seq: 5, id: 'mic/a/5', opened_at: 5, cluster: { label: 'belt squeal' } })
    expect(view.decided).toEqual([['episodes', { limit: 101 }]])
  })
})

describe('lists', () => {
  it.each([
    ['GET /v1/episodes', 'episodes', 'before', (row: { seq: number }) => row.seq, [5, 4, 3, 2, 1]],
    ['GET /v1/audit', 'decisions', 'before', (row: { seq: number }) => row.seq, [5, 4, 3, 2, 1]],
    ['GET /v1/clusters', 'clusters', 'after', (row: { id: number }) => row.id, [0, 1, 2, 3, 4]],
    ['GET /v1/map/points', 'points', 'after', (row: { seq: number }) => row.seq, [1, 2, 3, 4, 5]],
    ['GET /v1/sources', 'sources', 'after', (row: { name: string }) => row.name, ['b', 'c', ODD, 'mic', 'new'].sort()],
  ] as const)('are read in pages to their end: %s', async (route, name, parameter, key, all) => {
    for (const limit of [1, 2, 4, 5, 6]) {
      const rows: unknown[] = []
      let next: unknown
      do {
        const from = next === undefined ? '' : `&${parameter}=${encodeURIComponent(String(next))}`
        const { status, body } = await ask(`${route}?limit=${limit}${from}`)
        expect(status).toBe(200)
        expect(body[name].length).toBeGreaterThan(0)
        rows.push(...body[name].map(key))
        next = body.next
      } while (next !== null)
      expect(rows).toEqual(all)
    }
  })

  it('of episodes take every filter', async () => {
    const filters = 'source=b&state=open&cluster=3&muted=false&acknowledged=true&since=1.5&until=9&min_score=0.25'
    await ask(`GET /v1/episodes?limit=7&before=6&${filters}`)
    expect(view.decided).toEqual([
      [
        'episodes',
        {
          ...{ limit: 8, before: 6, source: 'b', state: 'open', cluster: 3, muted: false, acknowledged: true },
          ...{ since: 1.5, until: 9, minScore: 0.25 },
        },
      ],
    ])
  })

  it.each([
    'limit=1001',
    'limit=0',
    'limit=x',
    'limit=',
    'limit=1&limit=2',
    'before=0',
    'before=',
    'before=1.5',
    'before=99999999999999999999',
    'state=ajar',
    'muted=yes',
    'cluster=-1',
    'since=now',
    'min_score=1e5',
    'unknown=1',
    '__proto__=1',
  ])('refuse ?%s', async query => {
    const { status, body } = await ask(`GET /v1/episodes?${query}`)
    expect([status, body.code]).toEqual([400, 'AUSCULT_USAGE'])
    expect(body.error).toContain(`query.${query.split('=')[0]}: `)
    expect(view.decided).toEqual([])
  })

  it('say everything that is wrong at once', async () => {
    const { body } = await ask('GET /v1/episodes?limit=0&state=ajar&other=1')
    expect(body.error.split('; ')).toHaveLength(3)
  })
})

describe('single things', () => {
  it.each([
    [`GET /v1/episodes/${odd}`, { id: ODD, seq: 3 }],
    [`GET /v1/episodes/${odd}/evidence`, { episode_id: ODD }],
    ['GET /v1/clusters/3', { id: 3, trained: 0, born: 'mic/a/7', first_episode_at: 8 }],
    [
      `GET /v1/sources/${odd}`,
      { name: ODD, in_flight: 1, muted: true, drift: { psi: 0.1, drifting: { level: 'up' } } },
    ],
    ['GET /v1/mutes', { mutes: [{ id: 'm1', episode_id: ODD, last_at: 6, clusters_key: 'k' }] }],
    ['GET /v1/thresholds', { configured: { policy: 'percentile' }, all: null, sources: [{ source: 'mic' }] }],
    ['GET /v1/map', { method: 'umap', places: [[0, 1]] }],
  ])('%s', async (route, body) => {
    expect(await ask(route)).toMatchObject({ status: 200, body })
  })

  it('come as files with a name that any system takes', async () => {
    const answer = await fetch(`${server.address}/v1/episodes/${odd}/clip`)
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([82, 73, 70, 70, 255])
    expect(answer.headers.get('content-type')).toBe('audio/wav')
    const disposition = answer.headers.get('content-disposition')!
    expect(disposition).toMatch(/^attachment; filename="[\w.-]+"; filename\*=UTF-8''[\w.%!~-]+$/)
    expect(decodeURIComponent(disposition.split("''")[1])).toBe(`${ODD}.wav`)
  })

  it.each([
    'GET /v1/episodes/nobody',
    'GET /v1/episodes/nobody/evidence',
    'GET /v1/episodes/nobody/clip',
    'GET /v1/episodes/mic%2Fa%2F5/evidence',
    'GET /v1/episodes/mic%2Fa%2F5/clip',
    'GET /v1/clusters/99',
    'GET /v1/sources/nobody',
    'POST /v1/episodes/nobody/acknowledge',
    'POST /v1/episodes/nobody/false-alarm',
    'DELETE /v1/mutes/m9',
    'GET /v1/nothing',
  ])('that are not there are 404: %s', async route => {
    const { status, body } = await ask(route)
    expect([status, body.code]).toEqual([404, 'AUSCULT_NOT_FOUND'])
  })
})

describe('decisions', () => {
  const by = { who: 'ada', note: 'seen on site' }

  it.each([
    [`POST /v1/episodes/${odd}/acknowledge`, by, ['acknowledge', ODD, by], { id: ODD, seq: 3, acknowledged: by }],
    [`POST /v1/episodes/${odd}/acknowledge`, undefined, ['acknowledge', ODD, { who: '127.0.0.1' }], { seq: 3 }],
    [
      `POST /v1/episodes/${odd}/false-alarm`,
      { ...by, seconds: null, source_only: true },
      ['falseAlarm', ODD, { seconds: null, sourceOnly: true }, by],
      { episode: { id: ODD, seq: 3 }, mute: { id: 'm1' } },
    ],
    [
      'PUT /v1/clusters/3/label',
      { label: ' belt squeal ', ...by },
      ['label', 3, 'belt squeal', by],
      { cluster: 3, label: 'belt squeal' },
    ],
    ['PUT /v1/clusters/3/label', { label: null, who: 'ada' }, ['label', 3, null, { who: 'ada' }], { label: null }],
    ['POST /v1/mutes', { source: ODD, seconds: 60, ...by }, ['mute', { source: ODD }, 60, by], { source: ODD }],
    ['POST /v1/mutes', { cluster: 0, seconds: null, ...by }, ['mute', { cluster: 0 }, null, by], { cluster: 0 }],
    ['DELETE /v1/mutes/m1?who=ada&note=over', undefined, ['unmute', 'm1', { who: 'ada', note: 'over' }], { id: 'm1' }],
    [
      'PUT /v1/threshold',
      { policy: { policy: 'percentile', value: 99 }, source: ODD, ...by },
      ['setThreshold', ODD, { policy: 'percentile', value: 99 }, by],
      { source: ODD, threshold: 1 },
    ],
    [
      'PUT /v1/threshold',
      { policy: { policy: 'gamma' }, ...by },
      ['setThreshold', undefined, { policy: 'gamma', quantile: 0.999 }, by],
      { source: null },
    ],
    [`DELETE /v1/threshold?source=${odd}&who=ada`, undefined, ['resetThreshold', ODD, { who: 'ada' }], { source: ODD }],
    [
      `POST /v1/sources/${odd}/recalibrate`,
      { force: true, dry_run: true, ...by },
      ['recalibrate', ODD, { force: true, dryRun: true }, by],
      { source: ODD, applied: false, report: { factor: 1 } },
    ],
    [`POST /v1/sources/${odd}/revert`, by, ['revert', ODD, by], { before: 1, after: 2, left: 0 }],
  ])('%s %o', async (route, body, decided, answer) => {
    const { status, body: found } = await ask(route, body)
    expect([status, found]).toEqual([route === 'POST /v1/mutes' ? 201 : 200, expect.objectContaining({})])
    expect(found).toMatchObject(answer)
    expect(view.decided).toEqual([decided])
  })

  it.each([
    [`POST /v1/episodes/${odd}/acknowledge`, { who: '' }, ['body.who']],
    [`POST /v1/episodes/${odd}/acknowledge`, { who: 7, notes: 'x' }, ['body.who', 'body.notes']],
    [`POST /v1/episodes/${odd}/acknowledge`, [], ['body']],
    [`POST /v1/episodes/${odd}/acknowledge`, null, ['body']],
    [`POST /v1/episodes/${odd}/acknowledge`, JSON.parse('{"__proto__":1}'), ['body.__proto__']],
    [`POST /v1/episodes/${odd}/false-alarm`, { seconds: 0 }, ['body.seconds']],
    [`POST /v1/episodes/${odd}/false-alarm`, { seconds: 'long', source_only: 1 }, ['body.seconds', 'body.source_only']],
    ['PUT /v1/clusters/3/label', {}, ['body.label']],
    ['PUT /v1/clusters/3/label', { label: '  ' }, ['body.label']],
    ['PUT /v1/clusters/three/label', { label: 'x' }, ['path.id']],
    ['PUT /v1/clusters/-1/label', { label: 'x', other: 1 }, ['path.id', 'body.other']],
    ['POST /v1/mutes', { seconds: 60 }, ['body']],
    ['POST /v1/mutes', { source: 'a', cluster: 1, seconds: 60 }, ['body']],
    ['POST /v1/mutes', { source: 'a' }, ['body.seconds']],
    ['POST /v1/mutes', { cluster: 1.5, seconds: 1e12 }, ['body.cluster', 'body.seconds']],
    ['DELETE /v1/mutes/m1?what=1', undefined, ['query.what']],
    ['PUT /v1/threshold', {}, ['body.policy']],
    ['PUT /v1/threshold', { policy: 'percentile' }, ['body.policy']],
    ['PUT /v1/threshold', { policy: { policy: 'guess' } }, ['body.policy.policy']],
    ['PUT /v1/threshold', { policy: { policy: 'percentile', value: 101 } }, ['body.policy.value']],
    ['PUT /v1/threshold', { policy: { policy: 'gamma', value: 1 } }, ['body.policy.value']],
    [`POST /v1/sources/${odd}/recalibrate`, { force: 'yes' }, ['body.force']],
    [`POST /v1/sources/${odd}/revert`, { force: true }, ['body.force']],
  ])('are refused as a whole: %s %o', async (route, body, places) => {
    const { status, body: problem } = await ask(route, body)
    expect([status, problem.code]).toEqual([400, 'AUSCULT_USAGE'])
    expect(problem.error.split('; ').map((line: string) => line.split(': ')[0])).toEqual(places)
    expect(view.decided).toEqual([])
  })

  it('that the state of things does not allow are 409', async () => {
    const { status, body } = await ask('POST /v1/sources/new/recalibrate')
    expect([status, body.code]).toEqual([409, 'AUSCULT_RECALIBRATION'])
  })

  it('that fail inside say nothing of it', async () => {
    const error = vi.spyOn(silentLogger, 'error').mockReturnValue()
    const { status, body } = await ask('POST /v1/sources/broken/recalibrate')
    expect([status, JSON.stringify(body)]).toEqual([500, expect.not.stringContaining('private')])
    expect(error).toHaveBeenCalledTimes(1)
    error.mockRestore()
  })

  it('are made with the method that they have', async () => {
    expect((await ask('GET /v1/threshold')).headers.get('allow')).toBe('PUT, DELETE')
    expect((await ask('POST /v1/episodes')).headers.get('allow')).toBe('GET, HEAD')
    expect((await ask('POST /v1/sources')).status).toBe(405)
  })
})
