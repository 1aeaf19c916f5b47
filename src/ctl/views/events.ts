import { timeOf } from '../../stream/event-facts.ts'
import { eventText } from '../../stream/event-text.ts'
import type { Screen } from '../outcome.ts'
import type { EventRow } from '../rows.ts'
import { table } from '../table.ts'
import { relative, shortTime } from '../time.ts'

/** @param more how the next page is asked for; undefined: there is none */
export function eventsText(events: readonly EventRow[], more: string | undefined, { columns, now }: Screen): string {
  if (events.length === 0) return 'no events'
  const rows = events.map(event => {
    const time = timeOf(event)
    return [String(event.seq), shortTime(time, now), relative(time, now), event.type, eventText(event)]
  })
  const lines = table(
    [
      { title: 'SEQ', align: 'right' },
      { title: 'WHEN' },
      { title: '' },
      { title: 'TYPE' },
      { title: 'WHAT', cut: 'end' },
    ],
    rows,
    columns,
  )
  return more === undefined ? lines : `${lines}\nmore: ${more}`
}
