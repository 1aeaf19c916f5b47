import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { DASHBOARDS } from '../../dashboards/grafana/src/index.ts'
import { type Prometheus, type Series, startAlertmanager, startPrometheus } from '../helpers/prometheus.ts'
import * as requires from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { until } from '../helpers/until.ts'
import { startWatchedDaemon, WATCHED, type WatchedDaemon } from '../helpers/watched-daemon.ts'

/** Queries that the daemon of this test cannot answer: it sends nothing to Kafka. */
const EXCEPTIONS = [/^auscult_kafka_lag_events\{/]

/** The configurations say minutes; here each is a second. */
const HASTE = 60
const SCRAPE = '500ms'
/** Seconds that panels show, and may take to have something to show. */
const RANGE = 30
const PATIENCE_MS = 60_000

const { folder } = temporaryFolder()
const able = requires.prometheus() && requires.alertmanager()
const read = (path: string) => readFileSync(join(requires.PROJECT, 'dashboards', path), 'utf8')

/** Every duration of a file, in `for: 10m`, `[5m]`, `offset 5m`, divided. */
const hastened = (text: string): string =>
  text.replace(/(?<=for: |\[|offset |interval: |wait: |timeout: )(\d+)([smhd])\b/g, (_, n, unit) => {
    const seconds = Number(n) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd']
    return `${Math.max(200, Math.round((seconds * 1000) / HASTE))}ms`
  })

/** What Alertmanager posts to a webhook. */
interface Notification {
  readonly status: 'firing' | 'resolved'
  readonly receiver: string
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved'
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }[]
}

const notifications: Notification[] = []
const stops: (() => Promise<void> | void)[] = []
let watched: WatchedDaemon
let prometheus: Prometheus

async function receiver(): Promise<string> {
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', data => {
      body += data
    })
    request.on('end', () => {
      if (request.url === '/alerts') notifications.push(JSON.parse(body))
      response.end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  if (!able) return
  const people = await receiver()
  watched = await startWatchedDaemon(folder, `${people}/events`)
  stops.push(() => watched.stop())
  const routes = parse(hastened(read('prometheus/alertmanager.yml')).replaceAll('http://localhost:9000', people))
  const alertmanager = await startAlertmanager(join(folder, 'alertmanager'), routes)
  stops.push(() => alertmanager.stop())
  const config = parse(read('prometheus/prometheus.yml'))
  config.global = { scrape_interval: SCRAPE, scrape_timeout: SCRAPE, evaluation_interval: SCRAPE }
  config.global.external_labels = { runbooks: 'https://wiki.example.com/runbooks' }
  config.scrape_configs[0].static_configs[0].targets = [new URL(watched.address).host]
  config.alerting.alertmanagers[0].static_configs[0].targets = [new URL(alertmanager.address).host]
  const rules = { 'auscult.rules.yml': hastened(read('prometheus/auscult.rules.yml')) }
  prometheus = await startPrometheus(join(folder, 'prometheus'), config, rules)
  stops.push(() => prometheus.stop())
}, 240_000)

afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

/** As Grafana fills it in when everything is chosen. */
const filledIn = (expr: string): string =>
  expr
    .replaceAll('$__rate_interval', '4s')
    .replaceAll('$__range', `${RANGE}s`)
    .replaceAll('$instance', '.*')
    .replaceAll('$source', '.*')

const hasNumbers = (series: readonly Series[]): boolean =>
  series.some(({ value, values = [] }) =>
    [...values, ...(value ? [value] : [])].some(([, text]) => !/NaN|Inf/.test(text)),
  )

/** Waits until each question has an answer. @returns those that have none */
async function unanswered<T>(questions: readonly T[], ask: (question: T) => Promise<boolean>): Promise<T[]> {
  const deadline = Date.now() + PATIENCE_MS
  let open = [...questions]
  for (;;) {
    const answers = await Promise.all(open.map(ask))
    open = open.filter((_, i) => !answers[i])
    if (open.length === 0 || Date.now() > deadline) return open
    await new Promise(resolve => setTimeout(resolve, 500))
  }
}

describe.skipIf(!able)('a real Prometheus that scrapes a daemon with faults', () => {
  it('has data for every query of every panel', { timeout: 90_000 }, async () => {
    const queries = Object.entries(DASHBOARDS).flatMap(([file, { panels = [] }]) =>
      panels.flatMap(panel =>
        (((panel as Panel).targets ?? []) as unknown as { expr: string; instant?: boolean }[]).map(target => ({
          at: `${file}: ${panel.title}`,
          ...target,
        })),
      ),
    )
    expect(queries.length).toBeGreaterThan(90)
    const asked = queries.filter(({ expr }) => !EXCEPTIONS.some(exception => exception.test(expr)))
    expect(queries.length - asked.length).toBe(EXCEPTIONS.length)
    const missing = await unanswered(asked, async ({ expr, instant }) =>
      hasNumbers(await (instant ? prometheus.query(filledIn(expr)) : prometheus.queryRange(filledIn(expr), RANGE, 1))),
    )
    expect(missing.map(({ at, expr }) => `${at}: ${expr}`)).toEqual([])
  })

  it('has data for every annotation, and values for every variable', async () => {
    for (const { annotations, templating } of Object.values(DASHBOARDS)) {
      for (const { name, expr } of annotations.list!) {
        expect(hasNumbers(await prometheus.queryRange(filledIn(expr!), RANGE, 1)), name).toBe(true)
      }
      for (const { name, query } of templating.list!.filter(({ type }) => type === 'query')) {
        const [, series] = /^label_values\((.+), \w+\)$/.exec((query as { query: string }).query)!
        const values = await prometheus.get<string[]>(`/api/v1/label/${name}/values`, { 'match[]': filledIn(series) })
        expect(values.toSorted()).toEqual(name === 'source' ? WATCHED.toSorted() : [new URL(watched.address).host])
      }
    }
  })

  it('has data for every rule: what it records, and what an alert compares', { timeout: 90_000 }, async () => {
    const { groups } = parse(hastened(read('prometheus/auscult.rules.yml')))
    const rules = groups.flatMap((group: { rules: { record?: string; alert?: string; expr: string }[] }) => group.rules)
    // Absent while there is a daemon. No Kafka here.
    const asked = rules.filter(({ alert }: { alert?: string }) => !/^Auscult(Absent|KafkaBehind)$/.test(alert ?? ''))
    expect(rules.length - asked.length).toBe(2)
    const compared = (expr: string) => expr.replace(/ (==|>) (?=[\d.])/g, ' $1 bool ')
    const missing = await unanswered(asked as { record?: string; alert?: string; expr: string }[], async rule =>
      hasNumbers(await prometheus.query(rule.record ?? compared(rule.expr))),
    )
    expect(missing).toEqual([])
  })

  const told = (status: string, labels: Record<string, string>) =>
    notifications
      .flatMap(({ alerts, receiver }) => alerts.map(alert => ({ ...alert, receiver })))
      .filter(
        alert =>
          alert.status === status && Object.entries(labels).every(([name, value]) => alert.labels[name] === value),
      )

  it('tells a webhook, through Alertmanager, that a fault began and that it is over', { timeout: 90_000 }, async () => {
    const episode = { alertname: 'AuscultEpisode', source: 'fan' }
    await until(() => told('firing', episode).length > 0, PATIENCE_MS)
    await until(() => told('resolved', episode).length > 0, PATIENCE_MS)
    const [{ annotations, labels, receiver }] = told('firing', episode)
    expect(receiver).toBe('team')
    expect(labels).toEqual({ ...episode, job: 'auscult', instance: new URL(watched.address).host, severity: 'warning' })
    expect(annotations.summary).toBe('fan is anomalous')
    expect(annotations.description).toMatch(/Its highest score was \d+\.\d\d × its threshold\.$/)
    expect(annotations.runbook_url).toBe('https://wiki.example.com/runbooks#auscultepisode')
  })

  it('tells that a source is down, and that it is back', { timeout: 90_000 }, async () => {
    const down = { alertname: 'AuscultSourceDown', source: 'inbox' }
    rmSync(watched.inbox, { recursive: true })
    await until(() => told('firing', down).length > 0, PATIENCE_MS)
    expect(told('firing', down)[0].receiver).toBe('on-call')
    mkdirSync(watched.inbox)
    await until(() => told('resolved', down).length > 0, PATIENCE_MS)
  })

  it('says why windows are lost, and that a feed is in trouble', async () => {
    const troubles: Record<string, string>[] = [
      { alertname: 'AuscultWindowsDropped', source: 'mill' },
      { alertname: 'AuscultWindowsFailed', source: 'press' },
      { alertname: 'AuscultSourceTrouble', source: 'press', condition: 'wrong_rate' },
      { alertname: 'AuscultLag', source: 'press' },
    ]
    for (const labels of troubles) await until(() => told('firing', labels).length > 0, PATIENCE_MS)
  })

  it('does not tell of episodes that are muted', async () => {
    const [series] = await prometheus.query('auscult_episodes_muted_total{source="spare"}')
    expect(Number(series.value![1])).toBeGreaterThan(0)
    const about = notifications.flatMap(({ alerts }) => alerts.filter(({ labels }) => labels.source === 'spare'))
    expect(about.filter(({ labels }) => /Episode|Score/.test(labels.alertname))).toEqual([])
  })
})
