import { existsSync } from 'node:fs'
import { systemClock } from '../../clock.ts'
import { AuscultError } from '../../errors.ts'
import { silentLogger } from '../../logger.ts'
import { episodeToJson } from '../episode-json.ts'
import { numbered } from '../event-json.ts'
import { EventStore } from './event-store.ts'

export interface ListOptions {
  /** Episodes in their latest state, instead of every event. */
  readonly episodes?: boolean
  /** This source only. */
  readonly source?: string
}

const PAGE = 1000

/**
 * What a store holds, as lines of JSON: events by their number, or episodes, oldest first.
 * @throws AUSCULT_INPUT_MISSING; AUSCULT_STORE also while a daemon has the store open
 */
export async function* listEvents(path: string, { episodes, source }: ListOptions): AsyncGenerator<string> {
  if (!existsSync(path)) {
    const remedy = 'Name the file that `store.path` of the daemon says.'
    throw new AuscultError('AUSCULT_INPUT_MISSING', 'no such store', { at: path, remedy })
  }
  const store = new EventStore({ path, retention_days: null, max_mb: null }, systemClock, silentLogger)
  await store.start()
  try {
    if (episodes) yield* episodeLines(store, source)
    else yield* eventLines(store, source)
  } finally {
    await store.stop()
  }
}

async function* eventLines(store: EventStore, source: string | undefined): AsyncGenerator<string> {
  const filter = source === undefined ? undefined : { sources: [source] }
  for (let last = 0; ; ) {
    const page = await store.textsAfter(last, PAGE, filter)
    if (page.length === 0) return
    for (const { seq, text } of page) yield numbered(seq, text)
    last = page.at(-1)!.seq
  }
}

/** The store gives the latest first: pages are turned around at the end. */
async function* episodeLines(store: EventStore, source: string | undefined): AsyncGenerator<string> {
  const lines: string[] = []
  for (let before: number | undefined; ; ) {
    const page = await store.episodes({ limit: PAGE, source, before })
    if (page.length === 0) break
    for (const { seq, ...episode } of page) lines.push(JSON.stringify({ seq, ...episodeToJson(episode) }))
    before = page.at(-1)!.seq
  }
  yield* lines.reverse()
}
