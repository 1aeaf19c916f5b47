import type { Clock } from '../clock.ts'
import { z } from '../config.ts'
import { AuscultError, messageOf } from '../errors.ts'
import type { Service } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import type { Episode, EpisodeEvent } from '../types.ts'
import { type Deferred, deferred } from './deferred.ts'
import { EventLog } from './event-log.ts'
import type { ComponentStatus } from './telemetry.ts'

export const storeSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('File to which episode events are appended as JSON lines; null keeps recent episodes in memory only'),
  recent: z.number().int().min(1).default(1000).describe('Episodes that are kept in memory for /v1/episodes'),
})

export type StoreConfig = z.infer<typeof storeSchema>

interface Write {
  readonly events: readonly EpisodeEvent[]
  readonly done: Deferred<void>
}

const RETRY_MS = 1000

/**
 * Where episode events become durable. Appends that come while the disk is busy go out as one group with one sync.
 * A disk that fails is tried again each second; until then appends wait, and with them the acknowledgements.
 */
export class EventStore implements Service {
  readonly name = 'store'
  readonly #config: StoreConfig
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #recent = new Map<string, Episode>()
  readonly #stopping = new AbortController()
  #log: EventLog | undefined
  #waiting: Write[] = []
  #writing: Promise<void> | undefined
  #fault: string | undefined

  constructor(config: StoreConfig, clock: Clock, logger: Logger) {
    this.#config = config
    this.#clock = clock
    this.#logger = logger
  }

  /** Reads recent episodes. Those that an earlier process left open are closed as interrupted. @throws AUSCULT_STORE */
  async start(): Promise<void> {
    const { path } = this.#config
    if (path === null) return
    const { log, events, torn } = await EventLog.open(path)
    this.#log = log
    if (torn) this.#logger.warn({ path }, 'the last line of the event store was torn; removed it')
    this.#remember(events)
    const left = [...this.#recent.values()].filter(episode => episode.state === 'open')
    if (left.length > 0) await this.append(left.map(interrupted))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#writing
    await this.#log?.close()
    this.#log = undefined
  }

  /** Resolves when the events are on the disk. @throws AUSCULT_STORE when the store stops before they are */
  append(events: readonly EpisodeEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve()
    if (this.#config.path === null) {
      this.#remember(events)
      return Promise.resolve()
    }
    if (this.#stopping.signal.aborted || !this.#log) return Promise.reject(storeStopped(this.#config.path, this.#fault))
    const done = deferred()
    this.#waiting.push({ events, done })
    this.#writing ??= this.#write(this.#log).finally(() => {
      this.#writing = undefined
    })
    return done.promise
  }

  /** The latest state of recent episodes, newest first. */
  recent(limit: number): Episode[] {
    return [...this.#recent.values()].slice(-limit).reverse()
  }

  status(): ComponentStatus {
    if (this.#fault !== undefined) return { ok: false, reason: this.#fault }
    return { ok: true, reason: this.#config.path ?? 'in memory' }
  }

  async #write(log: EventLog): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice()
      const events = group.flatMap(write => write.events)
      try {
        await log.append(events)
        this.#fault = undefined
        this.#waiting = this.#waiting.slice(group.length)
        this.#remember(events)
        for (const { done } of group) done.resolve()
      } catch (error) {
        await this.#failed(error)
      }
    }
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#fault === undefined) this.#logger.error({ error: messageOf(error) }, 'the event store cannot be written')
    this.#fault = messageOf(error)
    await this.#clock.sleep(RETRY_MS, this.#stopping.signal).catch(() => {})
    if (!this.#stopping.signal.aborted) return
    for (const { done } of this.#waiting) done.reject(storeStopped(this.#config.path, this.#fault))
    this.#waiting = []
  }

  #remember(events: readonly EpisodeEvent[]): void {
    for (const { episode } of events) {
      this.#recent.set(episode.id, episode)
      if (this.#recent.size > this.#config.recent) this.#recent.delete(this.#recent.keys().next().value!)
    }
  }
}

function interrupted(episode: Episode): EpisodeEvent {
  return {
    type: 'episode.closed',
    eventId: `${episode.id}/interrupted`,
    episode: { ...episode, state: 'closed', closedAt: episode.lastAt, closeReason: 'interrupted' },
  }
}

function storeStopped(path: string | null, fault: string | undefined): AuscultError {
  const why = fault === undefined ? 'it has been stopped' : fault
  return new AuscultError('AUSCULT_STORE', `events could not be written: ${why}`, {
    at: path ?? undefined,
    remedy: 'Free space on the disk, or set store.path to another one.',
    canRetry: true,
  })
}
