import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'

/** Every panel asks the data source that is chosen above. */
export const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` }

/** A query and what its series are called. `$__rate_interval` and the like are Grafana's. */
export interface Query {
  readonly expr: string
  readonly legend?: string
  readonly refId?: string
}

/** A, B, C… */
const refIdOf = (index: number): string => String.fromCharCode(65 + index)

function target({ expr, legend = '__auto', refId }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(legend)
    .refId(refId ?? refIdOf(index))
}

/** Series over the range shown. */
export const overTime = (queries: readonly Query[]): DataqueryBuilder[] =>
  queries.map((query, index) => target(query, index).range())

/** The counts of a histogram's buckets. */
export const buckets = (expr: string): DataqueryBuilder[] => [
  target({ expr, legend: '{{le}}' }, 0).format(PromQueryFormat.Heatmap).range(),
]

/** The rows of a table, as they are now. */
export const rows = (queries: readonly Query[]): DataqueryBuilder[] =>
  queries.map((query, index) => target(query, index).format(PromQueryFormat.Table).instant())
