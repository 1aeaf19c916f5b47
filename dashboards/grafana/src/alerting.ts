import {
  NotificationSettingsBuilder,
  QueryBuilder,
  type Rule,
  RuleBuilder,
} from '@grafana/grafana-foundation-sdk/alerting'
import { TypeMathBuilder } from '@grafana/grafana-foundation-sdk/expr'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { parse, stringify } from 'yaml'

/** A rule of Prometheus. */
interface PrometheusRule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
}

interface PrometheusGroup {
  readonly name: string
  readonly rules: readonly PrometheusRule[]
}

/** Of provisioning/datasources/auscult.yml. */
const DATASOURCE_UID = 'auscult-prometheus'
const EXPRESSIONS = { type: '__expr__', uid: '__expr__' }
/** Of provisioning/alerting/contact-points.yml. */
const CONTACT_POINT = 'Auscult'
const FOLDER = 'Auscult'
/** How often Grafana asks, and how fine the steps are over which it does what a recording rule would have done. */
const INTERVAL = '30s'
const STEP = '15s'
/** Seconds that the queries are told to look back; they say for themselves what they need. */
const LOOK_BACK = 600

const HEADER = `# The alerts of ../../../prometheus/auscult.rules.yml, managed by Grafana: for those who have no Alertmanager. With both, everybody
# is told twice. Made by \`npm run dashboards\`; change the rules there. docs/grafana.md says how to use it.
`

/** @param rules text of auscult.rules.yml @returns a provisioning file with the same alerts, which Grafana evaluates itself */
export function grafanaAlerting(rules: string): string {
  const { groups } = parse(rules) as { groups: PrometheusGroup[] }
  const records = groups.flatMap(group => group.rules.filter(({ record }) => record !== undefined))
  const provisioned = groups
    .map(({ name, rules }) => ({ name, alerts: rules.filter(({ alert }) => alert !== undefined) }))
    .filter(({ alerts }) => alerts.length > 0)
    .map(({ name, alerts }) => ({
      orgId: 1,
      name,
      folder: FOLDER,
      interval: INTERVAL,
      rules: alerts.map(alert => provisionedRule(ruleOf(alert, records))),
    }))
  // The builders leave methods in what they build; JSON has none.
  const plain = JSON.parse(JSON.stringify({ apiVersion: 1, groups: provisioned }))
  return HEADER + stringify(plain, { lineWidth: 0, aliasDuplicateObjects: false })
}

function ruleOf(
  { alert = '', expr, for: pending = '0s', labels = {}, annotations = {} }: PrometheusRule,
  records: readonly PrometheusRule[],
): Rule {
  const query = new DataqueryBuilder()
    .datasource({ type: 'prometheus', uid: DATASOURCE_UID })
    .expr(withoutRecords(expr, records))
    .instant()
    .refId('A')
  // The query gives only what is wrong, whatever its value is.
  const condition = new TypeMathBuilder().datasource(EXPRESSIONS).expression('is_number($A)').refId('B')
  return new RuleBuilder(alert)
    .uid(kebab(alert))
    .condition('B')
    .withQuery(
      new QueryBuilder('A').datasourceUid(DATASOURCE_UID).relativeTimeRange({ from: LOOK_BACK, to: 0 }).model(query),
    )
    .withQuery(
      new QueryBuilder('B').datasourceUid(EXPRESSIONS.uid).relativeTimeRange({ from: 0, to: 0 }).model(condition),
    )
    .noDataState('OK')
    .execErrState('Error')
    .forDuration(pending)
    .labels(labels)
    .annotations(Object.fromEntries(Object.entries(annotations).map(annotationOf)))
    .notificationSettings(
      new NotificationSettingsBuilder().receiver(CONTACT_POINT).groupBy(['grafana_folder', 'alertname', 'source']),
    )
    .build()
}

/** A file names folder and group above its rules. */
function provisionedRule({
  folderUID,
  ruleGroup,
  orgID,
  ...rule
}: Rule): Omit<Rule, 'folderUID' | 'ruleGroup' | 'orgID'> {
  return rule
}

/** What recording rules would have written down, in place: as a subquery where it is looked at over time. */
function withoutRecords(expr: string, records: readonly PrometheusRule[]): string {
  return records
    .reduce(
      (text, { record = '', expr }) => text.replaceAll(`${record}[`, `(${expr})[`).replaceAll(record, `(${expr})`),
      expr,
    )
    .replace(/\)\[(\d+[smh])\]/g, `)[$1:${STEP}]`)
}

/** In Grafana's templates: the value of query A, and no external labels. A page of which only the file is known is no URL. */
function annotationOf([name, text]: [string, string]): [string, string] {
  const runbook = /\{\{ or \$externalLabels\.runbooks "([^"]+)" \}\}/
  const value = text.replace(runbook, '$1').replaceAll('$value', '$values.A.Value')
  return [runbook.test(text) ? 'runbook' : name, value]
}

const kebab = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
