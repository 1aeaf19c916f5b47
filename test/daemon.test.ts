import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { checkConfig } from '../src/config.ts'
import { configSample } from '../src/config-sample.ts'
import { createDaemon, type Daemon, type DaemonParts, daemonConfigSchema } from '../src/daemon.ts'
import { AuscultError } from '../src/errors.ts'
import { MemorySource } from '../src/ingest/memory.ts'
import type { WindowSpec } from '../src/ingest/source.ts'
import { silentLogger } from '../src/logger.ts'
import { statusSchema } from '../src/stream/status.ts'
import type { EpisodeEvent, Score } from '../src/types.ts'
import { storedEvents } from './helpers/events.ts'
import { fakeBundle } from './helpers/fake-bundle.ts'
import { CRASH, FAIL_BATCH, FAKE_SCORER, WINDOW, windowOf } from './helpers/fake-scorer.ts'
import { parseMetrics, sumOf } from './helpers/metrics.ts'
import { until } from './helpers/until.ts'

/** One window is a second. */
const bundle = fakeBundle('pump')

let folder: string
const daemons: Daemon[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-daemon-'))
})
afterEach(async () => {
  await Promise.all(daemons.splice(0).map(daemon => daemon.stop()))
  rmSync(folder, { recursive: true })
})

function make(config: object = {}, parts: Partial<DaemonParts> = {}) {
  const sources: MemorySource[] = []
  const raw = {
    bundle: 'fake',
    sources: {},
    http: { port: 0 },
    store: { path: join(folder, 'events.db') },
    window: { overlap: 0 },
    detector: { threshold: { policy: 'value', value: 1 } },
    ...config,
  }
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'test'), {
    logger: silentLogger,
    scorerModule: FAKE_SCORER,
    readBundle: async () => bundle,
    feeds: spec => {
      sources.push(new MemorySource('mic', spec), new MemorySource('pump', spec))
      return sources
    },
    ...parts,
  })
  daemons.push(daemon)
  return { daemon, sources }
}

async function started(config?: object, parts?: Partial<DaemonParts>) {
  const { daemon, sources } = make(config, parts)
  await daemon.start()
  return { daemon, mic: sources[0], pump: sources[1] }
}

// biome-ignore lint/suspicious/noExplicitAny: the answers are what the test is about
const get = async (daemon: Daemon, path: string): Promise<{ status: number; body: any }> => {
  const response = await fetch(daemon.address + path)
  return { status: response.status, body: await response.json() }
}
const scrape = async (daemon: Daemon) => parseMetrics(await (await fetch(`${daemon.address}/metrics`)).text())

async function watch(daemon: Daemon, query = '') {
  const socket = new WebSocket(`${daemon.address!.replace('http', 'ws')}/v1/stream${query}`)
  const messages: Record<string, unknown>[] = []
  socket.on('message', data => messages.push(JSON.parse(data.toString())))
  const closed = new Promise<number>(resolve => socket.on('close', resolve))
  await until(() => messages.length > 0)
  return { messages, closed, types: () => messages.map(message => message.type) }
}

const balance = (values: Map<string, number>, source: string) => {
  const of = (name: string) => sumOf(values, name, `source="${source}"`)
  const settled = ['scored_total', 'dropped_total', 'failed_total', 'in_flight'].map(name =>
    of(`auscult_windows_${name}`),
  )
  return { received: of('auscult_windows_received_total'), settled: settled.reduce((sum, n) => sum + n, 0) }
}

describe('Daemon', () => {
  it('takes windows from sources to WebSocket, metrics, HTTP and the store', async () => {
    const { daemon, mic, pump } = await started()
    const { messages, types } = await watch(daemon)
    for (const value of [0.5, 3, 4, 0.1, 0.1, 0.1]) mic.push(windowOf(value))
    pump.push(windowOf(0.25))
    const told = () => types().filter(type => !String(type).startsWith('cluster.'))
    await until(() => told().length === 10)
    expect(messages[0]).toMatchObject({
      ...{ type: 'hello', protocol: 1, name: 'pump', threshold: 1, sources: ['mic', 'pump'] },
      window: { shape: [WINDOW], sample_rate: WINDOW, hop_seconds: 1 },
    })
    expect(types().filter(type => type === 'score')).toHaveLength(7)
    const opened = messages.find(message => message.type === 'episode.opened')
    expect(opened).toMatchObject({ event_id: 'mic/memory/4/opened', episode: { opened_at: 1000, source: 'mic' } })
    expect(told().at(-1)).toBe('episode.closed')

    const values = await scrape(daemon)
    expect(values.get('auscult_windows_scored_total{source="mic"}')).toBe(6)
    expect(values.get('auscult_score{source="pump"}')).toBe(0.25)
    expect(values.get('auscult_episodes_total{source="mic"}')).toBe(1)
    expect(values.get('auscult_score_distribution_count')).toBe(7)
    expect(values.get('auscult_websocket_clients')).toBe(1)

    const { episodes } = (await get(daemon, '/v1/episodes?limit=5')).body
    expect(episodes).toMatchObject([{ id: 'mic/memory/4', state: 'closed', close_reason: 'recovered', peak_score: 4 }])
    const { sources } = (await get(daemon, '/v1/sources')).body
    expect(sources).toMatchObject([{ name: 'mic', state: 'running', received: 6, scored: 6 }, { name: 'pump' }])
    const stored = await storedEvents(join(folder, 'events.db'))
    const kinds = stored.map(({ event }) => event.type)
    expect(kinds.filter(type => type.startsWith('episode.'))).toEqual(['episode.opened', 'episode.closed'])
  })

  it('measures every stage, the store, and when windows came; in short, too', async () => {
    const manifest = { ...bundle.manifest, created: '2026-09-22T12:00:00.000Z' }
    const readBundle = async () => ({ ...bundle, manifest })
    const { daemon, mic, pump } = await started({ metrics: { max_sources: 1 } }, { readBundle })
    const { messages, types } = await watch(daemon, '?kind=status')
    const before = Date.now() / 1000
    for (const value of [0.5, 3, 4, 0.1, 0.1, 0.1]) mic.push(windowOf(value))
    pump.push(windowOf(0.25))
    await until(() => daemon.sources().every(({ account }) => account.scored > 0 && account.inFlight === 0))
    await until(async () => ((await scrape(daemon)).get('auscult_store_events') ?? 0) > 1)
    const values = await scrape(daemon)
    const of = (series: string) => values.get(`auscult_${series}`)!
    for (const stage of ['wait', 'score', 'decide']) expect(of(`stage_seconds_count{stage="${stage}"}`)).toBe(7)
    for (const stage of ['store', 'deliver'])
      expect(of(`stage_seconds_count{stage="${stage}"}`)).toBe(of('store_events'))
    const stages = of('stage_seconds_sum{stage="wait"}') + of('stage_seconds_sum{stage="score"}')
    expect(of('window_latency_seconds_sum')).toBeCloseTo(stages, 9)
    expect(of('store_append_seconds_count')).toBeGreaterThan(0)
    expect(of('store_bytes')).toBeGreaterThan(0)
    expect(of('bundle_created_timestamp_seconds')).toBe(Date.parse(manifest.created) / 1000)
    expect(of('source_last_window_timestamp_seconds{source="mic"}')).toBeGreaterThanOrEqual(before)
    expect([of('metrics_sources_omitted'), of('windows_scored_total{source="(others)"}')]).toEqual([1, 1])
    expect(balance(values, '(others)')).toEqual({ received: 1, settled: 1 })

    const { status, body } = await get(daemon, '/v1/status')
    expect(status).toBe(200)
    expect(statusSchema.strict().parse(body)).toMatchObject({
      received: 7,
      scored: 7,
      sources: 2,
      clients: 1,
      ready: true,
    })
    expect(body.latency.p99).toBeGreaterThan(0)
    await until(() => types().includes('status'))
    const { type: _, ...told } = messages.find(({ type }) => type === 'status')!
    expect(statusSchema.strict().parse(told)).toMatchObject({ sources: 2, clients: 1 })
  })

  it('tells code of all events, and lets it decide', async () => {
    const { daemon, sources } = make()
    const told: [string, number][] = []
    daemon.on('event', ({ type }, seq) => told.push([type, seq]))
    await daemon.start()
    for (const value of [3, 4, 0.1, 0.1, 0.1]) sources[0].push(windowOf(value))
    await until(() => told.some(([type]) => type === 'episode.closed'))
    const { threshold } = await daemon.decisions!.setThreshold('mic', { policy: 'value', value: 5 }, { who: 'code' })
    expect(threshold).toBe(5)
    expect(daemon.sources()[0].threshold).toBe(5)
    expect(told.at(-1)?.[0]).toBe('decision')
    expect(told.map(([, seq]) => seq)).toEqual(told.map((_, i) => i + 1))
  })

  it('resolves the threshold from the calibration of the bundle', async () => {
    const { daemon } = await started({ detector: { threshold: { policy: 'percentile', value: 90 } } })
    expect(daemon.threshold).toBeCloseTo(0.9, 9)
    expect((await scrape(daemon)).get('auscult_threshold{source="mic"}')).toBeCloseTo(0.9, 9)
  })

  it('cuts windows as the configuration says', async () => {
    const specs: WindowSpec[] = []
    const feeds: DaemonParts['feeds'] = spec => {
      specs.push(spec)
      return [new MemorySource('mic', spec)]
    }
    await started({ window: { overlap: 0.75 } }, { feeds })
    await started({ window: { hop_seconds: 0.5 }, store: { path: null } }, { feeds })
    expect(specs.map(spec => spec.hop)).toEqual([1, 2])
  })

  it('tells listeners of scores and episodes', async () => {
    const { daemon, mic } = await started()
    const scores: Score[] = []
    const events: EpisodeEvent[] = []
    daemon.on('score', score => scores.push(score)).on('episode', event => events.push(event))
    for (const value of [3, 4]) mic.push(windowOf(value))
    await until(() => events.length === 1)
    expect(scores.map(score => score.anomalous)).toEqual([true, true])
  })

  it('is finished when all sources have ended and are drained', async () => {
    const { daemon, mic, pump } = await started()
    for (let i = 0; i < 500; i++) mic.push(windowOf(0.5))
    mic.end()
    pump.end()
    await daemon.finished
    expect(daemon.sources()[0]).toMatchObject({ state: 'ended', account: { received: 500, scored: 500 } })
    expect((await get(daemon, '/readyz')).body.components['source mic']).toEqual({ ok: true, reason: 'ended' })
  })

  it('balances its accounts in every scrape, while windows fail and threads crash', async () => {
    const { daemon, mic, pump } = await started({ batch: { max: 4, wait_ms: 1 } })
    const bad = [Number.NaN, FAIL_BATCH, CRASH]
    for (let i = 0; i < 400; i++) {
      mic.push(windowOf(i % 40 === 7 ? Number.NaN : 0.5))
      pump.push(windowOf(i % 100 === 50 ? bad[Math.floor(i / 100) % 3] : 0.5))
    }
    mic.end()
    pump.end()
    let scrapes = 0
    for (let done = false; !done; scrapes++) {
      done = await Promise.race([daemon.finished.then(() => true), new Promise<false>(r => setTimeout(r, 20, false))])
      const values = await scrape(daemon)
      for (const source of ['mic', 'pump']) {
        const { received, settled } = balance(values, source)
        expect(settled).toBe(received)
      }
    }
    expect(scrapes).toBeGreaterThan(3)
    const values = await scrape(daemon)
    expect(values.get('auscult_windows_failed_total{source="mic",reason="non_finite"}')).toBeGreaterThan(5)
    expect(sumOf(values, 'auscult_windows_failed_total', 'reason="engine"')).toBeGreaterThan(0)
    expect(sumOf(values, 'auscult_windows_failed_total', 'reason="worker_crashed"')).toBeGreaterThan(0)
    expect(values.get('auscult_scorer_restarts_total')).toBe(1)
    expect(balance(values, 'mic').received).toBe(400)
  })

  it('is ready only while every part is', async () => {
    const { daemon, mic } = await started({ batch: { max: 1 } })
    expect((await get(daemon, '/readyz')).body).toEqual({
      status: 'ready',
      components: {
        daemon: { ok: true, reason: 'running' },
        store: { ok: true, reason: join(folder, 'events.db') },
        scorer: { ok: true, reason: '1 of 1 threads on fake' },
        clusters: { ok: true, reason: '2 clusters' },
        map: { ok: true, reason: expect.any(String) },
        decisions: { ok: true, reason: 'as decided' },
        baselines: { ok: true, reason: '2 sources' },
        'source mic': { ok: true, reason: 'running' },
        'source pump': { ok: true, reason: 'running' },
      },
    })
    mic.push(windowOf(CRASH))
    await until(() => daemon.sources()[0].account.failed.worker_crashed === 1)
    const { status, body } = await get(daemon, '/readyz')
    expect(status).toBe(503)
    expect(body.components.scorer).toEqual({ ok: false, reason: 'the scorer thread died' })
    expect((await fetch(`${daemon.address}/healthz`)).status).toBe(200)
    mic.push(windowOf(0.5))
    await until(() => daemon.sources()[0].account.scored === 1)
    expect((await fetch(`${daemon.address}/readyz`)).status).toBe(200)
  })

  it('refuses a limit of episodes that is none', async () => {
    const { daemon } = await started()
    for (const limit of ['0', '-1', 'x', '1e9']) {
      expect((await fetch(`${daemon.address}/v1/episodes?limit=${limit}`)).status).toBe(400)
    }
  })
})

describe('Daemon.stop', () => {
  it('scores what was received, closes what is open, says goodbye, and lets go of the port', async () => {
    const { daemon, mic } = await started({ batch: { wait_ms: 5000 } })
    const { messages, closed, types } = await watch(daemon)
    const address = daemon.address!
    for (const value of [3, 4, 5]) mic.push(windowOf(value))
    await until(() => daemon.sources()[0].account.received === 3)
    await daemon.stop()
    await daemon.finished
    expect(types().filter(type => type === 'score')).toHaveLength(3)
    expect(messages.at(-1)).toMatchObject({ type: 'episode.closed', episode: { close_reason: 'stopped', windows: 3 } })
    expect(await closed).toBe(1001)
    await expect(fetch(`${address}/healthz`)).rejects.toThrow()
    expect(daemon.sources()[0]).toMatchObject({ state: 'stopped', account: { scored: 3, inFlight: 0 } })
  })

  it('may be called twice, before the start has ended, and without a start', async () => {
    const { daemon } = make()
    const starting = daemon.start()
    await Promise.all([daemon.stop(), daemon.stop(), expect(starting).rejects.toThrow('the daemon stops')])
    await daemon.finished
    await make().daemon.stop()
  })
})

describe('Daemon.start', () => {
  it('refuses a damaged bundle, with nothing left running', async () => {
    const { daemon } = make({ bundle: 'fake?refuse=package.json' })
    await expect(daemon.start()).rejects.toMatchObject({ code: 'AUSCULT_BUNDLE', at: 'fake?refuse=package.json' })
    expect(daemon.address).toBeUndefined()
    const unreadable = new AuscultError('AUSCULT_BUNDLE', 'model.onnx has changed')
    await expect(make({}, { readBundle: () => Promise.reject(unreadable) }).daemon.start()).rejects.toBe(unreadable)
  })

  it('refuses a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await expect(started({ http: { port } })).rejects.toMatchObject({ code: 'AUSCULT_PORT_IN_USE' })
    await new Promise(resolve => other.close(resolve))
  })

  it('refuses to listen to nothing', async () => {
    await expect(started({}, { feeds: () => [] })).rejects.toMatchObject({ code: 'AUSCULT_CONFIG', at: 'sources' })
  })

  it('refuses a source whose folder is missing', async () => {
    const sources = { files: { type: 'files', path: join(folder, 'absent') } }
    await expect(started({ sources })).rejects.toMatchObject({ code: 'AUSCULT_INPUT_MISSING' })
  })
})

describe('daemonConfigSchema', () => {
  const check = (raw: object) => checkConfig(raw, daemonConfigSchema, 'run.yaml')

  it('needs no more than a bundle and a source', () => {
    const config = check({ bundle: 'b', sources: { a: { type: 'files', path: 'x' } } })
    expect(config).toMatchObject({
      window: { overlap: 0.5, hop_seconds: null },
      batch: { max: 64, wait_ms: 20 },
      scorer: { device: 'auto', threads: 1, workers: 1 },
      detector: { threshold: { policy: 'percentile', value: 99.5 }, open_after: 2, close_after: 3, cooldown: 0 },
      queue: { capacity: 256, memory_mb: 512 },
      http: { host: '127.0.0.1', port: 8080 },
      store: { path: null },
      log: { level: 'info' },
    })
  })

  it('reports every mistake with its path', () => {
    const raw = { bundle: 'b', sources: { 'a/b': { type: 'files', path: 'x' } }, http: { port: 99999 }, detectr: {} }
    expect(() => check(raw)).toThrow(/sources\.a\/b: .*[\s\S]*http\.port: .*[\s\S]*detectr: unknown option/)
  })

  it('prints as a sample that it accepts', async () => {
    const { parse } = await import('yaml')
    expect(() => check(parse(configSample(daemonConfigSchema)))).not.toThrow()
  })
})
