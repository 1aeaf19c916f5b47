import { afterEach, describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { createDaemon, type Daemon } from '../src/daemon.ts'
import { daemonConfigSchema } from '../src/daemon-config.ts'
import { MemorySource } from '../src/ingest/memory.ts'
import { silentLogger } from '../src/logger.ts'
import { fakeBundle } from './helpers/fake-bundle.ts'
import { FAKE_SCORER, windowOf } from './helpers/fake-scorer.ts'
import { parseMetrics } from './helpers/metrics.ts'
import { faultsOf } from './helpers/openapi.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { until } from './helpers/until.ts'

const { folder } = temporaryFolder()
const TOKEN = 'token-of-the-test-0123456789'
const daemons: Daemon[] = []
afterEach(async () => {
  await Promise.all(daemons.splice(0).map(daemon => daemon.stop()))
})

async function started(http: object = {}) {
  const sources: Record<string, MemorySource> = {}
  const raw = {
    bundle: 'fake',
    sources: {},
    http: { port: 0, ...http },
    store: { path: `${folder}/events.db` },
    window: { overlap: 0 },
    detector: { threshold: { policy: 'value', value: 1 } },
  }
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'test'), {
    logger: silentLogger,
    scorerModule: FAKE_SCORER,
    readBundle: async () => fakeBundle('pump'),
    feeds: spec => ['mic', 'pump'].map(name => (sources[name] = new MemorySource(name, spec))),
  })
  daemons.push(daemon)
  await daemon.start()
  const { mic, pump } = sources

  /** The answer to a request, which must be as the OpenAPI document says. */
  // biome-ignore lint/suspicious/noExplicitAny: the answers are what the test is about
  async function ask(request: string, body?: object, headers: Record<string, string> = {}): Promise<any> {
    const [method, path] = request.split(' ')
    const json = body ? { 'content-type': 'application/json' } : undefined
    const init = { method, headers: { ...json, ...headers }, body: body && JSON.stringify(body) }
    const answer = await fetch(`${daemon.address}${path}`, init)
    const answered = (await answer.json()) as object
    expect(faultsOf(request, answer.status, answered), `${request}: ${JSON.stringify(answered)}`).toBe('')
    return answer.ok ? answered : { status: answer.status, ...answered }
  }
  const gauge = async (name: string) =>
    parseMetrics(await (await fetch(`${daemon.address}/metrics`)).text()).get(`${name}{source="pump"}`)
  return { daemon, mic, pump, ask, gauge }
}

const play = (source: MemorySource, ...scores: number[]) => {
  for (const score of scores) source.push(windowOf(score))
}

describe('decisions over HTTP', () => {
  it('take effect, are written down, and hold after a restart', async () => {
    const first = await started()
    play(first.mic, 0.5, 3, 3, 3, 0.1, 0.1, 0.1, 0.1)
    const closed = async () => (await first.ask('GET /v1/episodes?state=closed&source=mic')).episodes
    await until(async () => (await closed()).length === 1)
    const [episode] = await closed()
    const id = encodeURIComponent(episode.id)
    const cluster: number = episode.cluster.id

    const by = { who: 'ada', note: 'seen on site' }
    expect(await first.ask(`POST /v1/episodes/${id}/acknowledge`, by)).toMatchObject({ acknowledged: by })
    expect(await first.ask(`PUT /v1/clusters/${cluster}/label`, { label: 'belt squeal' })).toMatchObject({ cluster })
    expect(
      await first.ask('PUT /v1/threshold', { source: 'pump', policy: { policy: 'value', value: 2 } }),
    ).toMatchObject({ source: 'pump', threshold: 2 })
    const mute = await first.ask('POST /v1/mutes', { source: 'pump', seconds: null, who: 'bob' })
    expect(mute).toMatchObject({ source: 'pump', until: null, who: 'bob' })
    const { mute: alarm } = await first.ask(`POST /v1/episodes/${id}/false-alarm`, { seconds: 3600 })
    expect(alarm).toMatchObject({ reason: 'false_alarm', episode_id: episode.id, cluster })

    play(first.pump, 1.5, 4, 4, 4)
    await until(async () => (await first.ask('GET /v1/episodes?muted=true&source=pump')).episodes.length === 1)
    expect(await first.ask('GET /v1/sources/pump')).toMatchObject({ threshold: 2, episode_open: true, muted: true })
    expect(await first.gauge('auscult_episode_open')).toBe(0)
    const unseen = await first.ask('GET /v1/episodes?muted=false&acknowledged=false')
    expect(unseen.episodes).toEqual([])
    const seen = await first.ask(`GET /v1/episodes?acknowledged=true&cluster=${cluster}&min_score=3`)
    expect(seen.episodes).toMatchObject([{ id: episode.id, seq: episode.seq, acknowledged: by }])
    const log = await first.ask('GET /v1/audit')
    const actions = ['false_alarm', 'muted', 'threshold.set', 'cluster.labelled', 'episode.acknowledged']
    expect(log.decisions.map(({ action }: { action: string }) => action)).toEqual(actions)
    expect(log.decisions.at(-1)).toMatchObject({ who: 'ada', note: 'seen on site', episode_id: episode.id })
    expect(log.decisions[2]).toMatchObject({ who: '127.0.0.1', source: 'pump' })
    await first.daemon.stop()

    const second = await started()
    expect(await second.ask('GET /v1/audit')).toEqual(log)
    expect((await second.ask('GET /v1/mutes')).mutes).toMatchObject([{ id: mute.id }, { id: alarm.id }])
    expect((await second.ask('GET /v1/thresholds')).sources).toMatchObject([{ source: 'pump', policy: { value: 2 } }])
    expect(await second.ask(`GET /v1/clusters/${cluster}`)).toMatchObject({ label: 'belt squeal', episodes: 1 })
    expect((await second.ask('GET /v1/clusters')).clusters.map((each: { id: number }) => each.id)).toContain(cluster)
    expect(await second.ask(`GET /v1/episodes/${id}`)).toMatchObject({ acknowledged: by, seq: episode.seq })
    play(second.pump, 1.5)
    await until(async () => (await second.ask('GET /v1/sources/pump')).threshold === 2)
    expect(await second.ask(`DELETE /v1/mutes/${mute.id}?who=bob`)).toMatchObject({ id: mute.id })
    expect(await second.ask('DELETE /v1/threshold?source=pump')).toMatchObject({ threshold: 1 })
    expect((await second.ask('GET /v1/audit?limit=2')).decisions).toMatchObject([
      { action: 'threshold.reset' },
      { action: 'unmuted', who: 'bob' },
    ])
  })

  it('that cannot be are refused, and change nothing', async () => {
    const { ask } = await started()
    const before = await ask('GET /v1/audit')
    const refused: [string, object | undefined, number, string][] = [
      ['POST /v1/sources/mic/recalibrate', {}, 409, 'AUSCULT_RECALIBRATION'],
      ['POST /v1/sources/mic/revert', {}, 409, 'AUSCULT_RECALIBRATION'],
      ['POST /v1/sources/nobody/recalibrate', {}, 404, 'AUSCULT_NOT_FOUND'],
      ['PUT /v1/clusters/999/label', { label: 'x' }, 404, 'AUSCULT_NOT_FOUND'],
      ['POST /v1/mutes', { cluster: 999, seconds: 1 }, 404, 'AUSCULT_NOT_FOUND'],
      ['POST /v1/mutes', { source: 'nobody', seconds: 1 }, 404, 'AUSCULT_NOT_FOUND'],
      ['POST /v1/episodes/nobody/acknowledge', {}, 404, 'AUSCULT_NOT_FOUND'],
      ['DELETE /v1/mutes/m99', undefined, 404, 'AUSCULT_NOT_FOUND'],
      ['PUT /v1/threshold', { source: 'nobody', policy: { policy: 'gamma' } }, 404, 'AUSCULT_NOT_FOUND'],
      ['PUT /v1/threshold', { policy: { policy: 'value', value: -1 } }, 400, 'AUSCULT_USAGE'],
    ]
    for (const [request, body, status, code] of refused) {
      expect(await ask(request, body), request).toMatchObject({ status, code })
    }
    expect(await ask('GET /v1/audit')).toEqual(before)
  })

  it('need the token where there is one, which nothing shows', async () => {
    const { daemon, ask } = await started({ token: TOKEN })
    const mute = { source: 'mic', seconds: 1 }
    expect(await ask('POST /v1/mutes', mute)).toMatchObject({ status: 401, code: 'AUSCULT_FORBIDDEN' })
    expect(await ask('POST /v1/mutes', mute, { authorization: `Bearer ${TOKEN}` })).toMatchObject({ source: 'mic' })
    for (const path of ['/v1/info', '/readyz', '/v1/sources', '/v1/audit', '/metrics', '/v1/openapi.json']) {
      expect(await (await fetch(`${daemon.address}${path}`)).text()).not.toContain(TOKEN)
    }
  })
})
