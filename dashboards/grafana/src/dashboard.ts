import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { AMBER, BLUE } from './looks.ts'
import type { BuiltPanel } from './panels.ts'
import { ofDaemon, ofSource } from './queries.ts'
import { DATASOURCE } from './targets.ts'

/** All dashboards with it are linked to each other. */
const TAG = 'auscult'

/** Panels below a heading, from left to right and top to bottom. Widths of a line of panels add up to 24. */
export interface Section {
  readonly title: string
  readonly panels: readonly BuiltPanel[]
}

export interface Description {
  /** Stable: links and bookmarks hold it. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** Of the time shown at first, for example `now-3h`. */
  readonly from: string
  /** Whether its panels go by source, and whether they show all of them at first, or one. */
  readonly sources: 'all' | 'one' | 'none'
  readonly sections: readonly Section[]
}

/** A dashboard in Grafana's classic format, as JSON. */
export function dashboard({ uid, title, description, from, sources, sections }: Description): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .editable()
    .variables([datasource(), daemons(), ...(sources === 'none' ? [] : [sourcesVariable(sources)])])
    .annotations([...(sources === 'none' ? [] : [episodes()]), starts()])
    .link(
      new DashboardLinkBuilder('Auscult')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true)
        .icon('external link')
        .targetBlank(false),
    )
  let id = 1
  for (const section of sections) {
    builder.withRow(new RowBuilder(section.title).id(id++).collapsed(false))
    for (const panel of section.panels) builder.withPanel(numbered(panel, id++))
  }
  return builder.build()
}

function numbered(panel: BuiltPanel, id: number) {
  panel.id(id)
  return panel
}

const datasource = () =>
  new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('The Prometheus that scrapes the daemons')
    .type('prometheus')
    .multi(false)
    .includeAll(false)

const daemons = () =>
  everyOne(variable('instance', 'Daemon', 'auscult_build_info')).description(
    'Address that a daemon is scraped at; all: every daemon',
  )

function sourcesVariable(shown: 'all' | 'one') {
  const sources = variable('source', 'Source', 'auscult_threshold{instance=~"$instance"}')
  return (shown === 'all' ? everyOne(sources) : sources).description('Feed that is watched; all: every one')
}

/** Without it, the first value is chosen. */
const everyOne = (each: QueryVariableBuilder) => each.current({ text: ['All'], value: ['$__all'] })

/** Values of a label, any number of them. All is every value, also of those that come later. */
const variable = (name: string, label: string, series: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query: `label_values(${series}, ${name})`, refId: name })
    .definition(`label_values(${series}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')

/** A region for as long as an episode is open that is not muted. */
const episodes = () =>
  annotation('Episodes', AMBER)
    .expr(`max by (source) (${ofSource('auscult_episode_open')}) > 0`)
    .titleFormat('Episode')
    .textFormat('{{source}} is anomalous')
    .tagKeys('source')

/** A mark where a daemon began: a deployment, or a restart. The moment is the value of the series. */
const starts = () =>
  annotation('Deployments', BLUE)
    .expr(
      `${ofDaemon('process_start_time_seconds')} * 1000 * on (instance) group_left (version, bundle) ${ofDaemon('auscult_build_info')}`,
    )
    .useValueForTime(true)
    .titleFormat('Daemon started')
    .textFormat('{{instance}}: version {{version}}, model {{bundle}}')
    .tagKeys('instance')

const annotation = (name: string, color: string) =>
  new AnnotationQueryBuilder().name(name).datasource(DATASOURCE).enable(true).hide(false).iconColor(color)
