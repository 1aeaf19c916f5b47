import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { eventToJson } from '../../../src/stream/event-json.ts'
import { auditColumns, episodeColumns, eventColumns } from '../../../src/stream/export/columns.ts'
import { exportRows } from '../../../src/stream/export/export.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import type { Searches } from '../../../src/stream/store/search.ts'
import type { AuscultEvent } from '../../../src/types.ts'
import { parseTable } from '../../helpers/csv.ts'
import { decisionEvent, episodeEvent, sourceEvent } from '../../helpers/events.ts'

let store: EventStore
const evil = '=cmd|"/c calc"!A1,\r\nx'
const stored: AuscultEvent[] = [
  ...Array.from({ length: 1200 }, (_, i) => episodeEvent(i)),
  episodeEvent(7, 'closed'),
  sourceEvent('silence', evil),
  {
    ...{ type: 'drift.began', eventId: 'd', source: 'mic', kind: 'level', time: 5, since: 1 },
    ...{ before: 0.5, after: -0.25, psi: 0.3 },
  },
  { type: 'cluster.merged', eventId: 'c', source: 'mic', window: 'w', time: 6, cluster: 4, into: 2, label: 'belt' },
  { ...decisionEvent(8), note: evil },
]
beforeAll(async () => {
  store = new EventStore(storeSchema.parse({}), systemClock, silentLogger)
  await store.start()
  await store.append(stored)
})
afterAll(() => store.stop())

async function exported<K extends keyof Searches>(
  what: K,
  format: 'csv' | 'jsonl',
  query: Omit<Searches[K], 'limit'> = {} as Omit<Searches[K], 'limit'>,
): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of exportRows(store, what, query, { format, last: store.last })) chunks.push(chunk)
  return chunks.join('')
}

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

describe('an export', () => {
  it('holds all events as they are sent, oldest first', async () => {
    const lines = linesOf(await exported('events', 'jsonl'))
    expect(lines).toEqual(stored.map((event, i) => JSON.parse(JSON.stringify({ seq: i + 1, ...eventToJson(event) }))))
  })

  it('has the same columns for every event', async () => {
    const rows = parseTable(await exported('events', 'csv'))
    expect(rows).toHaveLength(stored.length)
    expect(Object.keys(rows[0])).toEqual(Object.keys(eventColumns))
    const of = (type: string) => rows.find(row => row.type === type)
    expect(of('episode.closed')).toMatchObject({
      ...{ seq: '1201', event_id: 'mic/a/7/closed', time: '1970-01-01T00:00:00.003Z', time_ms: '3' },
      ...{ episode_id: 'mic/a/7', state: 'closed', peak_score: '2.5', condition: '', who: '' },
    })
    expect(of('source.troubled')).toMatchObject({
      source: `'${evil}`,
      condition: 'silence',
      message: 'no sound\nfor 10 s',
    })
    expect(of('drift.began')).toMatchObject({ drift: 'level', before: '0.5', after: '-0.25', psi: '0.3' })
    expect(of('cluster.merged')).toMatchObject({ cluster: '4', into: '2', label: 'belt' })
    expect(of('decision')).toMatchObject({ action: 'muted', who: 'ada', note: `'${evil}`, before: '' })
    expect(JSON.parse(of('decision')!.after)).toMatchObject({ source: 'mic' })
  })

  it('of episodes holds their latest state', async () => {
    const rows = parseTable(await exported('episodes', 'csv'))
    expect(Object.keys(rows[0])).toEqual(Object.keys(episodeColumns))
    expect(rows).toHaveLength(1200)
    expect(rows[7]).toMatchObject({
      ...{ id: 'mic/a/7', seq: '8', state: 'closed', opened_at_ms: '7', close_reason: 'recovered', seconds: '-0.004' },
      ...{ closed_at: '1970-01-01T00:00:00.003Z', acknowledged_by: '' },
    })
    expect(linesOf(await exported('episodes', 'jsonl', { state: 'closed' }))).toMatchObject([{ seq: 8, id: 'mic/a/7' }])
  })

  it('of the audit log holds decisions', async () => {
    const rows = parseTable(await exported('audit', 'csv'))
    expect(rows).toHaveLength(1)
    expect(Object.keys(rows[0])).toEqual(Object.keys(auditColumns))
    expect(await exported('audit', 'jsonl', { action: 'threshold.set' })).toBe('')
    expect(await exported('audit', 'csv', { action: 'threshold.set' })).toMatch(/^seq,time,.*\r\n$/)
  })

  it('keeps to filters and places', async () => {
    const seqs = async (query: Omit<Searches['events'], 'limit'>) =>
      linesOf(await exported('events', 'jsonl', query)).map(({ seq }) => seq)
    expect(await seqs({ kinds: ['drift', 'cluster'] })).toEqual([1203, 1204])
    expect(await seqs({ after: 1200, before: 1203 })).toEqual([1201, 1202])
    expect(await seqs({ since: 600, until: 603 })).toEqual([601, 602, 603])
    expect(await seqs({ episode: 'mic/a/7' })).toEqual([8, 1201])
  })

  it('ends, however much is stored meanwhile', async () => {
    const rows = exportRows(store, 'events', {}, { format: 'jsonl', last: store.last })
    let count = 0
    for await (const chunk of rows) {
      count += chunk.split('\n').length - 1
      await store.append(Array.from({ length: 600 }, (_, i) => sourceEvent('flat_line', 'later', i)))
    }
    expect(count).toBe(stored.length)
  })
})
