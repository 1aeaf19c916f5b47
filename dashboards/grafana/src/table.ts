import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { plain } from './looks.ts'
import type { BuiltPanel, Panel } from './panels.ts'
import { DATASOURCE, rows } from './targets.ts'

/** A column: the value of a query, or a label that the queries share. */
export interface Column {
  readonly title: string
  /** PromQL of the values, or the label's name. */
  readonly expr?: string
  readonly label?: string
  readonly properties?: readonly DynamicConfigValue[]
}

export interface Table extends Omit<Panel, 'queries'> {
  readonly columns: readonly Column[]
  /** Title of the column that is the highest first. */
  readonly sortBy: string
}

/** A row for each value of the labels, as of now. */
export function table({ columns, sortBy, ...panel }: Table): BuiltPanel {
  const values = columns.filter(({ expr }) => expr !== undefined)
  const queries = values.map(({ expr }, index) => ({ expr: expr!, refId: String.fromCharCode(65 + index) }))
  // Merging calls the values of the only query `Value`, of one among several `Value #A`.
  const field = (column: Column) =>
    column.label ?? (queries.length === 1 ? 'Value' : `Value #${queries[values.indexOf(column)].refId}`)
  const fields = columns.map(column => [field(column), column] as const)
  const builder = new PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .span(panel.width)
    .height(panel.height ?? 9)
    .unit('short')
    .thresholds(plain())
    .targets(rows(queries))
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(fields.map(([name], index) => [name, index])),
        renameByName: Object.fromEntries(fields.map(([name, { title }]) => [name, title])),
      },
    })
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)])
  for (const { title, properties } of columns) if (properties) builder.overrideByName(title, [...properties])
  return builder
}

export const unit = (id: string, decimals?: number): DynamicConfigValue[] => [
  { id: 'unit', value: id },
  ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
]

/** Coloured text by thresholds: `[[null, 'green'], [1, 'red']]`. */
export const coloured = (
  ...steps: readonly (readonly [from: number | null, color: string])[]
): DynamicConfigValue[] => [
  { id: 'thresholds', value: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) } },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
]

/** A click leads to a dashboard, with what is clicked as the value of a variable. */
export const leadsTo = (uid: string, variable: string, title: string): DynamicConfigValue[] => [
  {
    id: 'links',
    value: [
      {
        title,
        url: `/d/${uid}?var-${variable}=\${__value.raw:percentencode}&\${datasource:queryparam}&\${__url_time_range}`,
      },
    ],
  },
]
