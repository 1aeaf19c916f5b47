import { describe, expect, it } from 'vitest'
import { apiRoutes, type DaemonView } from '../../src/stream/api.ts'
import type { Answer } from '../../src/stream/http.ts'

const limits: number[] = []
const parts = { store: { ok: true, reason: 'in memory' }, scorer: { ok: false, reason: 'loading the bundle' } }
const view: DaemonView = {
  components: () => parts,
  sources: () => [],
  episodes: limit => {
    limits.push(limit)
    return []
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

  it('takes a limit of episodes, 100 if none is given', async () => {
    await ask('/v1/episodes')
    await ask('/v1/episodes', 'limit=7')
    expect(limits).toEqual([100, 7])
    expect((await ask('/v1/episodes', 'limit=1001')).status).toBe(400)
  })

  it('passes on metrics and info', async () => {
    expect(await ask('/metrics')).toEqual({ type: 'text/plain', body: 'auscult_build_info 1' })
    expect(await ask('/v1/info')).toEqual({ body: { name: 'pump' } })
  })
})
