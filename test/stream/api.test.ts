import { describe, expect, it } from 'vitest'
import { apiRoutes, type DaemonView } from '../../src/stream/api.ts'
import type { Answer } from '../../src/stream/http.ts'
import { episodeEvent } from '../helpers/events.ts'

const queries: object[] = []
const parts = { store: { ok: true, reason: 'in memory' }, scorer: { ok: false, reason: 'loading the bundle' } }
const view: DaemonView = {
  components: () => parts,
  sources: () => [],
  episodes: async query => {
    queries.push(query)
    return [{ ...episodeEvent(4).episode, seq: 3 }]
  },
  info: () => ({ name: 'pump' }),
  metrics: async () => ({ type: 'text/plain', body: 'auscult_build_info 1' }),
}

const ask = (path: string, query = ''): Promise<Answer> =>
  Promise.resolve(apiRoutes(view)[path](new URLSearchParams(query)))

describe('apiRoutes', () => {
  it('is not ready while one part is not, and says why', async () => {
    expect(await ask('/readyz')).toEqual({ status: 503, body: { status: 'not ready', components: parts } })
    expect(await ask('/healthz')).toMatchObject({ body: { status: 'ok' } })
  })

  it('pages through episodes, 100 at once if nothing else is said', async () => {
    expect(await ask('/v1/episodes')).toMatchObject({ body: { episodes: [{ seq: 3, id: 'mic/a/4', opened_at: 4 }] } })
    await ask('/v1/episodes', 'limit=7&source=mic&before=3')
    expect(queries).toEqual([{ limit: 100 }, { limit: 7, source: 'mic', before: 3 }])
  })

  it.each(['limit=1001', 'limit=0', 'limit=x', 'before=0', 'before=', 'before=1.5'])('refuses ?%s', async query => {
    expect((await ask('/v1/episodes', query)).status).toBe(400)
  })

  it('passes on metrics and info', async () => {
    expect(await ask('/metrics')).toEqual({ type: 'text/plain', body: 'auscult_build_info 1' })
    expect(await ask('/v1/info')).toEqual({ body: { name: 'pump' } })
  })
})
