import { z } from '../../config.ts'
import { exportRows } from '../export/export.ts'
import { EXPORT_FORMATS, EXPORT_TYPES, type ExportFormat } from '../export/formats.ts'
import type { Answer } from '../http/answer.ts'
import type { Searches } from '../store/search.ts'
import { auditFilters, episodeFilters, episodeQuery, eventFilters, eventQuery } from './filters.ts'
import { operation } from './operation.ts'
import type { DaemonView } from './view.ts'

const tag = 'export'
const format = z.enum(EXPORT_FORMATS).default('csv').describe('csv as RFC 4180 has it, or jsonl: a JSON object a line')
const answers = { 200: { types: Object.values(EXPORT_TYPES).map(type => type.split(';')[0]) } }
const refusals = {
  503: 'The store cannot be read, or too many exports are under way',
  505: 'HTTP/1.0, which cannot tell a part from the whole',
}

export const exportOperations = [
  operation({
    id: 'exportEpisodes',
    route: 'GET /v1/export/episodes',
    tag,
    summary: 'All episodes that fit, in their latest state, those opened first first',
    query: { format, ...episodeFilters },
    answers,
    refusals,
    handle: (view, { query: { format: wanted, ...query } }) => exported(view, 'episodes', episodeQuery(query), wanted),
  }),
  operation({
    id: 'exportEvents',
    route: 'GET /v1/export/events',
    tag,
    summary: 'All events that fit, oldest first',
    query: { format, ...eventFilters },
    answers,
    refusals,
    handle: (view, { query: { format: wanted, ...query } }) => exported(view, 'events', eventQuery(query), wanted),
  }),
  operation({
    id: 'exportDecisions',
    route: 'GET /v1/export/audit',
    tag,
    summary: 'All decisions that fit, oldest first',
    query: { format, ...auditFilters },
    answers,
    refusals,
    handle: (view, { query: { format: wanted, ...query } }) => exported(view, 'audit', query, wanted),
  }),
]

function exported<K extends keyof Searches>(
  { store }: DaemonView,
  what: K,
  query: Omit<Searches[K], 'limit'>,
  wanted: ExportFormat,
): Answer {
  const day = new Date().toISOString().slice(0, 10)
  return {
    type: EXPORT_TYPES[wanted],
    headers: { 'content-disposition': `attachment; filename="auscult-${what}-${day}.${wanted}"` },
    body: exportRows(store, what, query, { format: wanted, last: store.last }),
  }
}
