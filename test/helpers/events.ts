import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/logger.ts'
import { EventStore, type StoredEvent, storeSchema } from '../../src/stream/store/event-store.ts'
import type { History } from '../../src/stream/websocket/pages.ts'
import type { DecisionEvent, EpisodeChange, EpisodeEvent, SourceCondition, SourceEvent } from '../../src/types.ts'

/** An event of episode `source/a/offset`. */
export function episodeEvent(offset: number, change: EpisodeChange = 'opened', source = 'mic'): EpisodeEvent {
  const closed = change === 'closed' ? { closedAt: 3, closeReason: 'recovered' as const } : {}
  const id = `${source}/a/${offset}`
  return {
    type: `episode.${change}`,
    eventId: `${id}/${change}`,
    episode: {
      ...{ id, source, state: change === 'closed' ? 'closed' : 'open', openedAt: offset, lastAt: 3, ...closed },
      ...{ stream: 'a', offset, windows: 2, peakScore: 2.5, meanScore: 2, threshold: 1 },
    },
  }
}

/** A source falls into a condition, or out of silence. */
export function sourceEvent(condition: SourceCondition | undefined, source = 'mic', time = 1000): SourceEvent {
  const type = condition ? 'source.troubled' : 'source.recovered'
  const name = condition ?? 'silence'
  return { type, eventId: `${source}/${name}/${time}`, source, condition: name, time, message: 'no sound\nfor 10 s' }
}

/** Somebody mutes a source at `time`. */
export function decisionEvent(time: number, source = 'mic'): DecisionEvent {
  const mute = { id: `mute/${time}`, source, until: time + 60_000 }
  return { type: 'decision', eventId: mute.id, action: 'muted', time, who: 'ada', source, before: null, after: mute }
}

/** A store in which nothing is, for those who only need one to exist. */
export const noHistory: History = { id: 'none', first: 1, last: 0, textsAfter: async () => [] }

/** What would be there if the process that writes the store were killed now. */
export async function storedEvents(path: string): Promise<StoredEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-copy-'))
  const copy = join(folder, 'events.db')
  copyFileSync(path, copy)
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`)
  const store = new EventStore(storeSchema.parse({ path: copy }), systemClock, silentLogger)
  await store.start()
  const events = await store.after(0, 100_000)
  await store.stop()
  rmSync(folder, { recursive: true })
  return events
}
