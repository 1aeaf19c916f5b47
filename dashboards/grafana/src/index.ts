import { readFileSync } from 'node:fs'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { grafanaAlerting } from './alerting.ts'
import { daemonHealth } from './daemon-health.ts'
import { modelDrift } from './model-drift.ts'
import { overview } from './overview.ts'
import { sourceDetail } from './source-detail.ts'

/** By the name of their file in dashboards/grafana. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'overview.json': overview,
  'source.json': sourceDetail,
  'model.json': modelDrift,
  'health.json': daemonHealth,
}

const RULES = new URL('../../prometheus/auscult.rules.yml', import.meta.url)

/** Everything that is generated: text by path within dashboards/grafana. */
export function generated(): Record<string, string> {
  const dashboards = Object.entries(DASHBOARDS).map(([name, dashboard]) => [name, textOf(dashboard)])
  const alerting = ['provisioning/alerting/auscult.yml', grafanaAlerting(readFileSync(RULES, 'utf8'))]
  return Object.fromEntries([...dashboards, alerting])
}

export const textOf = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`
