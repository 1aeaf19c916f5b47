import { numbered } from '../event-json.ts'
import type { EventStore, StoredText } from '../store/event-store.ts'
import type { Searches } from '../store/search.ts'
import { auditColumns, type Columns, episodeColumns, eventColumns } from './columns.ts'
import { csvLine } from './csv.ts'
import type { ExportFormat } from './formats.ts'

/** Rows that are read from the store, and sent, at a time. */
const PAGE = 500

const COLUMNS: Readonly<Record<keyof Searches, Columns<never>>> = {
  episodes: episodeColumns,
  events: eventColumns,
  audit: auditColumns,
}

/**
 * All that fits a query and has a number up to `last`, oldest first, as text: a page at a time. What is stored later is left out, so
 * that there is an end.
 */
export async function* exportRows<K extends keyof Searches>(
  store: Pick<EventStore, 'search'>,
  what: K,
  query: Omit<Searches[K], 'limit'>,
  { format, last }: { readonly format: ExportFormat; readonly last: number },
): AsyncGenerator<string, void, undefined> {
  const { before = last + 1, after = 0 } = query as { before?: number; after?: number }
  if (format === 'csv') yield csvLine(Object.keys(COLUMNS[what]))
  const write = format === 'csv' ? csvOf(COLUMNS[what]) : jsonOf
  for (let reached = after; ; ) {
    const place = { limit: PAGE, after: reached, before: Math.min(before, last + 1) }
    const rows = await store.search(what, { ...query, ...place } as Searches[K])
    if (rows.length > 0) yield rows.map(write).join('')
    if (rows.length < PAGE) return
    reached = rows[rows.length - 1].seq
  }
}

const jsonOf = ({ seq, text }: StoredText): string => `${numbered(seq, text)}\n`

function csvOf(columns: Columns<never>): (row: StoredText) => string {
  const cells = Object.values(columns) as ((row: object) => string | number | undefined)[]
  return ({ seq, text }) => {
    const row = { seq, ...JSON.parse(text) }
    return csvLine(cells.map(cell => cell(row)))
  }
}
