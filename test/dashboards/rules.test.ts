import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { metricsSchema } from '../../src/stream/metrics/config.ts'
import { Metrics } from '../../src/stream/metrics.ts'
import * as requires from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const FOLDER = join(requires.PROJECT, 'dashboards/prometheus')
const { write } = temporaryFolder()
const promtool = requires.promtool()
const amtool = requires.amtool()

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
}

const read = (path: string) => readFileSync(join(requires.PROJECT, path), 'utf8')
const rulesOf = (text: string): Rule[] => parse(text).groups.flatMap(({ rules }: { rules: Rule[] }) => rules)
const rules = rulesOf(read('dashboards/prometheus/auscult.rules.yml'))
const alerts = rules.filter(({ alert }) => alert !== undefined)
const metrics = new Metrics({ version: '1', node: 'v20', bundle: 'b', created: 1 }, metricsSchema.parse({})).declared

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: FOLDER, encoding: 'utf8' })
  return status === 0 ? stdout : `exit ${status}: ${stdout}${stderr}`
}

describe.skipIf(!promtool)('promtool', () => {
  it('accepts the rules and the configuration', () => {
    expect(run(promtool!, 'check', 'rules', 'auscult.rules.yml')).toContain(`SUCCESS: ${rules.length} rules found`)
    expect(run(promtool!, 'check', 'config', 'prometheus.yml')).toContain('SUCCESS: prometheus.yml is valid')
  })

  it('sees every alert fire and stop as its tests say', { timeout: 120_000 }, () => {
    expect(run(promtool!, 'test', 'rules', 'auscult.rules.test.yml')).toContain('SUCCESS')
  })
})

describe.skipIf(!amtool)('amtool', () => {
  it('accepts the configuration, and routes by severity', () => {
    expect(run(amtool!, 'check-config', 'alertmanager.yml')).toContain('SUCCESS')
    const route = (severity: string) =>
      run(amtool!, 'config', 'routes', 'test', '--config.file=alertmanager.yml', `severity=${severity}`).trim()
    expect(['critical', 'warning', 'info'].map(route)).toEqual(['on-call', 'team', 'team'])
  })
})

describe('alerts', () => {
  it('have tests of when they fire and of when they are over', () => {
    const { tests } = parse(read('dashboards/prometheus/auscult.rules.test.yml'))
    const cases: { alertname: string; exp_alerts: unknown[] }[] = tests.flatMap(
      ({ alert_rule_test }: { alert_rule_test: unknown[] }) => alert_rule_test,
    )
    const named = (fires: boolean) =>
      new Set(cases.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname))
    for (const { alert } of alerts)
      expect([named(true).has(alert!), named(false).has(alert!)], alert).toEqual([true, true])
  })

  it.each(alerts)(
    '$alert says what is so, with its value, how grave it is, and where to read on',
    ({ alert, labels, annotations }) => {
      expect(['info', 'warning', 'critical']).toContain(labels!.severity)
      expect(annotations!.summary).not.toMatch(/\.$/)
      expect(annotations!.description).toMatch(/\.$/)
      if (alert !== 'AuscultDrift') expect(annotations!.description).toMatch(/\$value/)
      expect(annotations!.runbook_url).toBe(
        `{{ or $externalLabels.runbooks "docs/runbooks.md" }}#${alert!.toLowerCase()}`,
      )
    },
  )

  it('about anomalies look at what is not muted', () => {
    const about = alerts.filter(({ alert }) => /Episode|Score/.test(alert!) && !/Scorer/.test(alert!))
    expect(about.map(({ alert }) => alert)).toEqual(['AuscultEpisode', 'AuscultEpisodeLong', 'AuscultScoreHigh'])
    for (const { expr } of about) expect(expr).toMatch(/auscult_episode_open|unmuted/)
  })

  it('name only metrics that are there', () => {
    const known = metrics.flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_bucket`] : [name]))
    const records = rules.flatMap(({ record }) => record ?? [])
    for (const { expr } of rules) {
      const text = records.reduce((rest, record) => rest.replaceAll(record, ''), expr)
      expect((text.match(/\bauscult_\w+/g) ?? []).filter(name => !known.includes(name))).toEqual([])
    }
  })

  it('have a section each in docs/runbooks.md, in the same order', () => {
    const page = read('docs/runbooks.md')
    expect([...page.matchAll(/^## (Auscult\w+)$/gm)].map(([, name]) => name)).toEqual(alerts.map(({ alert }) => alert))
    for (const section of page.split(/^## /m).slice(1)) {
      expect(section).toMatch(/\*\*What it means\.\*\*[\s\S]*\*\*First look\.\*\*[\s\S]*\*\*How to mend\.\*\*/)
    }
  })
})

describe('docs/grafana.md', () => {
  const page = read('docs/grafana.md')
  const blocks = (info: string) =>
    [...page.matchAll(/^```yaml (\w+)\n([\s\S]*?)^```$/gm)].filter(match => match[1] === info).map(match => match[2])

  it('lists every alert with its severity', () => {
    const rows = [...page.matchAll(/^\| \[(Auscult\w+)\]\(runbooks\.md#(\w+)\) \| .* \| (\w+) \|$/gm)].map(match =>
      match.slice(1),
    )
    expect(rows).toEqual(alerts.map(({ alert, labels }) => [alert, alert!.toLowerCase(), labels!.severity]))
  })

  it.skipIf(!amtool)('shows receivers that Alertmanager accepts', () => {
    const shown = blocks('alertmanager')
    expect(shown.length).toBe(3)
    for (const text of shown) expect(run(amtool!, 'check-config', write('alertmanager.yml', text))).toContain('SUCCESS')
  })

  it.skipIf(!promtool)('shows configurations that Prometheus accepts', () => {
    const shown = blocks('prometheus')
    expect(shown.length).toBe(2)
    for (const text of shown)
      expect(run(promtool!, 'check', 'config', write('prometheus.yml', text))).toContain('SUCCESS')
  })
})

describe('alerts managed by Grafana', () => {
  const provisioned = rulesOf(read('dashboards/grafana/provisioning/alerting/auscult.yml')) as unknown as {
    title: string
    uid: string
    for: string
    condition: string
    data: { refId: string; datasourceUid: string; model: { expr?: string } }[]
    annotations: Record<string, string>
    notification_settings: { receiver: string }
  }[]

  it('are those of Prometheus', () => {
    expect(provisioned.map(({ title }) => title)).toEqual(alerts.map(({ alert }) => alert))
    expect(provisioned.map(each => each.for)).toEqual(alerts.map(each => each.for ?? '0s'))
    expect(new Set(provisioned.map(({ uid }) => uid)).size).toBe(provisioned.length)
    for (const { uid } of provisioned) expect(uid).toMatch(/^[a-z-]{1,40}$/)
  })

  it('need no recording rules, and nothing that only Prometheus puts into templates', () => {
    for (const { data, annotations, condition } of provisioned) {
      expect(data[0].model.expr).not.toMatch(/\w+:auscult_/)
      expect(data.map(({ refId }) => refId)).toContain(condition)
      for (const text of Object.values(annotations)) expect(text).not.toMatch(/\$value\b|\$externalLabels/)
    }
  })

  it.skipIf(!promtool)('ask what Prometheus understands', () => {
    const groups = [
      { name: 'g', rules: provisioned.map(({ title, data }) => ({ alert: title, expr: data[0].model.expr })) },
    ]
    const file = write('provisioned.yml', stringify({ groups }))
    expect(run(promtool!, 'check', 'rules', file)).toContain('SUCCESS')
  })

  it('ask the data source that is provisioned, and tell the contact point that is', () => {
    const { datasources } = parse(read('dashboards/grafana/provisioning/datasources/auscult.yml'))
    const { contactPoints } = parse(read('dashboards/grafana/provisioning/alerting/contact-points.yml'))
    for (const { data, notification_settings } of provisioned) {
      expect(data[0].datasourceUid).toBe(datasources[0].uid)
      expect(notification_settings.receiver).toBe(contactPoints[0].name)
    }
  })
})
