import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'

export interface Patience {
  readonly clock: Clock
  readonly logger: Logger
  /** Ends it. */
  readonly signal: AbortSignal
}

const RETRY_MS = 1000

/**
 * The answer of the event store to who follows it: a store that is not well says so by itself, and is asked again until the stop.
 * @throws what the store throws, after the stop
 */
export async function untilStored<T>(work: () => Promise<T>, { clock, logger, signal }: Patience): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      logger.debug({ error: messageOf(error) }, 'the event store cannot be followed')
      await clock.sleep(RETRY_MS, signal).catch(() => {})
      if (signal.aborted) throw error
    }
  }
}
