import type { Clock } from '../../clock.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import { type Deferred, deferred } from '../deferred.ts'
import type { Extent, WriteGroup } from './protocol.ts'

/** A part of a group: what one caller wants to have on the disk. */
export type Write = Omit<WriteGroup, 'now'>

export interface GroupWriterOptions {
  readonly path: string | null
  readonly clock: Clock
  readonly logger: Logger
  /** Resolves when the group is on the disk. */
  write(group: WriteGroup): Promise<Extent>
  /** Called before a write: makes sure that there is a database. Says how far it reaches. */
  ready(): Promise<Extent>
}

interface Waiting {
  readonly write: Write
  readonly done: Deferred<readonly number[]>
}

const RETRY_MS = 1000
/** So that one transaction stays short. */
const GROUP_EVENTS = 2000

/**
 * Writes that come while the disk is busy go out as one group, with one sync. A disk that fails is tried again each second; until then
 * writes wait, and with them the acknowledgements.
 */
export class GroupWriter {
  readonly #options: GroupWriterOptions
  readonly #stopping = new AbortController()
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  /** How many of those that wait have been given to the disk at least once. */
  #tried = 0
  #last = 0
  #faultSince = 0
  #fault: AuscultError | undefined

  constructor(options: GroupWriterOptions) {
    this.#options = options
  }

  /** Why nothing can be written now; undefined when it can. */
  get fault(): string | undefined {
    return this.#fault?.message
  }

  /** @param last the latest number that is taken */
  start(last: number): void {
    this.#last = last
  }

  /** Resolves with the numbers of the events, once they are durable. @throws AUSCULT_STORE when it is stopped before they are */
  write(write: Write): Promise<readonly number[]> {
    if (this.#stopping.signal.aborted) return Promise.reject(this.#stopped())
    const done = deferred<readonly number[]>()
    this.#waiting.push({ write, done })
    this.wake()
    return done.promise
  }

  /** Goes to work if it does not already: also to bring a lost database back when nothing is to be written. */
  wake(): void {
    if (this.#stopping.signal.aborted) return
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#waiting.length > 0) this.wake()
    })
  }

  /** Writes what waits, unless the disk fails. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    this.#rejectAll()
  }

  async #run(): Promise<void> {
    do {
      try {
        this.#settle(await this.#options.ready())
        const group = this.#next()
        if (group.length > 0) await this.#commit(group)
        this.#recovered()
      } catch (error) {
        await this.#failed(error)
        if (this.#stopping.signal.aborted) return
      }
    } while (this.#waiting.length > 0 || this.#fault)
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const writes = group.map(({ write }) => write)
    this.#tried = Math.max(this.#tried, group.length)
    const { last } = await this.#options.write({
      now: this.#options.clock.now(),
      events: writes.flatMap(({ events }) => events),
      state: writes.flatMap(({ state }) => state),
      cursors: writes.flatMap(({ cursors }) => cursors),
    })
    this.#acknowledge(group.length)
    this.#last = last
  }

  /** What is already there of what waits: a thread that died may have written it, and not have been able to say so. */
  #settle({ last }: Extent): void {
    let reached = this.#last
    let written = 0
    for (const [index, { write }] of this.#waiting.slice(0, this.#tried).entries()) {
      if (write.events.length === 0) continue
      if (reached + write.events.length > last) break
      reached += write.events.length
      written = index + 1
    }
    this.#acknowledge(written)
    this.#last = last
  }

  #acknowledge(count: number): void {
    this.#tried -= Math.min(count, this.#tried)
    for (const { write, done } of this.#waiting.splice(0, count)) {
      const before = this.#last
      this.#last += write.events.length
      done.resolve(write.events.map((_, index) => before + index + 1))
    }
  }

  #next(): readonly Waiting[] {
    let events = 0
    const full = this.#waiting.findIndex(({ write }) => {
      events += write.events.length
      return events > GROUP_EVENTS
    })
    return this.#waiting.slice(0, full === -1 ? undefined : Math.max(1, full))
  }

  async #failed(error: unknown): Promise<void> {
    const { logger, path, clock } = this.#options
    const fault = error instanceof AuscultError ? error : new AuscultError('AUSCULT_STORE', messageOf(error))
    if (!this.#fault) {
      this.#faultSince = performance.now()
      logger.error({ path, error: fault.message }, 'the event store cannot be written; events wait')
    }
    this.#fault = fault
    await clock.sleep(RETRY_MS, this.#stopping.signal).catch(() => {})
  }

  #recovered(): void {
    if (!this.#fault) return
    this.#fault = undefined
    const seconds = Math.round((performance.now() - this.#faultSince) / 1000)
    this.#options.logger.info({ path: this.#options.path, seconds }, 'the event store can be written again')
  }

  #rejectAll(): void {
    for (const { done } of this.#waiting.splice(0)) done.reject(this.#stopped())
  }

  #stopped(): AuscultError {
    return new AuscultError('AUSCULT_STORE', `events could not be written: ${this.fault ?? 'the store has stopped'}`, {
      at: this.#options.path ?? undefined,
      cause: this.#fault,
      remedy: this.#fault?.remedy,
      canRetry: true,
    })
  }
}
