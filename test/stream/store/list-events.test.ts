import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { sourceEvent } from '../../../src/stream/events.ts'
import { EventStore } from '../../../src/stream/store/event-store.ts'
import { type ListOptions, listEvents } from '../../../src/stream/store/list-events.ts'
import type { EpisodeEvent } from '../../../src/types.ts'
import { errorOf, temporaryFolder } from '../../helpers/temporary.ts'

const { folder } = temporaryFolder()

const opened = (source: string, offset: number): EpisodeEvent => ({
  type: 'episode.opened',
  eventId: `${source}/a/${offset}/opened`,
  episode: {
    ...{ id: `${source}/a/${offset}`, source, state: 'open', openedAt: offset, lastAt: offset, stream: 'a', offset },
    ...{ windows: 1, peakScore: 2, meanScore: 2, threshold: 1 },
  },
})

async function storeOf(name: string): Promise<{ path: string; store: EventStore }> {
  const path = join(folder, name)
  const store = new EventStore({ path, retention_days: null, max_mb: null }, systemClock, silentLogger)
  await store.start()
  await store.append(Array.from({ length: 1500 }, (_, i) => opened(i % 3 === 0 ? 'a' : 'b', i)))
  await store.append([sourceEvent('a', 'silence', 'below -60 dBFS', 5)])
  return { path, store }
}

async function list(path: string, options: ListOptions = {}) {
  const lines = []
  for await (const line of listEvents(path, options)) lines.push(JSON.parse(line))
  return lines
}

describe('listEvents', () => {
  it('gives events and episodes in order, page after page, of all sources or of one', async () => {
    const { path, store } = await storeOf('a.db')
    await store.stop()
    const events = await list(path)
    expect(events.map(event => event.seq)).toEqual(Array.from({ length: 1501 }, (_, i) => i + 1))
    expect(events.at(-1)).toMatchObject({ type: 'source.troubled', source: 'a', condition: 'silence' })
    expect(await list(path, { source: 'a' })).toHaveLength(501)
    const episodes = await list(path, { episodes: true })
    expect(episodes.map(episode => episode.offset)).toEqual(Array.from({ length: 1500 }, (_, i) => i))
    expect(await list(path, { episodes: true, source: 'b' })).toHaveLength(1000)
  })

  it('says that there is no store, or that a daemon has it', async () => {
    expect(await errorOf(() => list(join(folder, 'none.db')))).toMatchObject({ code: 'AUSCULT_INPUT_MISSING' })
    const { path, store } = await storeOf('b.db')
    const error = await errorOf(() => list(path))
    await store.stop()
    expect(error).toMatchObject({ code: 'AUSCULT_STORE', message: expect.stringContaining('another') })
  })
})
