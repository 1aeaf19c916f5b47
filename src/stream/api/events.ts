import { z } from '../../config.ts'
import { numbered } from '../event-json.ts'
import { limit, next, pageOf } from './fields.ts'
import { eventFilters, eventQuery } from './filters.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'

export const eventOperations = [
  operation({
    id: 'listEvents',
    route: 'GET /v1/events',
    tag: 'events',
    summary:
      'Changes of episodes and clusters, drift, troubles of sources, decisions: the latest first, or from `after` on',
    query: { limit, ...eventFilters },
    answers: { 200: z.object({ events: z.array(schemas.Event), next: next(z.number(), '`before`, or `after`') }) },
    async handle(view, { query: { limit: size, ...query } }) {
      const page = pageOf(
        await view.store.search('events', { ...eventQuery(query), limit: size + 1 }),
        size,
        ({ seq }) => seq,
      )
      // As they are stored: nothing is read and written again.
      const events = page.rows.map(({ seq, text }) => numbered(seq, text)).join(',')
      return { body: `{"events":[${events}],"next":${page.next}}\n` }
    },
  }),
]
