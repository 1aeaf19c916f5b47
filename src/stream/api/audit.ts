import { z } from '../../config.ts'
import { eventToJson } from '../event-json.ts'
import { limit, next, pageOf } from './fields.ts'
import { auditFilters } from './filters.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'

export const auditOperations = [
  operation({
    id: 'listDecisions',
    route: 'GET /v1/audit',
    tag: 'audit',
    summary: 'What was decided, by whom and when, the latest first; never deleted',
    query: { limit, ...auditFilters },
    answers: {
      200: z.object({ decisions: z.array(schemas.Decision), next: next(z.number(), '`before`, or `after`') }),
    },
    async handle(view, { query: { limit: size, ...query } }) {
      const page = pageOf(await view.store.audit({ ...query, limit: size + 1 }), size, ({ seq }) => seq)
      return {
        body: { decisions: page.rows.map(({ seq, event }) => ({ seq, ...eventToJson(event) })), next: page.next },
      }
    },
  }),
]
