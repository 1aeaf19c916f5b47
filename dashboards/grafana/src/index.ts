import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { daemonHealth } from './daemon-health.ts'
import { modelDrift } from './model-drift.ts'
import { overview } from './overview.ts'
import { sourceDetail } from './source-detail.ts'

/** The files of dashboards/grafana, by name. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'overview.json': overview,
  'source.json': sourceDetail,
  'model.json': modelDrift,
  'health.json': daemonHealth,
}

export const textOf = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`
