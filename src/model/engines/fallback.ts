import { AuscultError, messageOf } from '../../errors.ts'
import type { PassedOver, Session, Tensors } from '../engine.ts'

/**
 * A session that outlives its device: what a device other than the CPU cannot compute, the CPU does, and all that comes after it. Where the CPU
 * fails as well, the input was to blame, and the device is kept.
 */
export class FallbackSession implements Session {
  #session: Session
  readonly #openCpu: () => Promise<Session>
  #passedOver: readonly PassedOver[]

  /** @param openCpu makes the same session on the CPU; called when it is needed */
  constructor(session: Session, openCpu: () => Promise<Session>) {
    this.#session = session
    this.#passedOver = session.passedOver
    this.#openCpu = openCpu
  }

  /** Where it computes now. */
  get device(): Session['device'] {
    return this.#session.device
  }

  /** With the device that was lost, last. */
  get passedOver(): readonly PassedOver[] {
    return this.#passedOver
  }

  async run(feeds: Tensors, into?: Tensors | readonly string[]): Promise<Tensors> {
    const session = this.#session
    try {
      return await session.run(feeds, into)
    } catch (error) {
      if (session.device === 'cpu') throw error
      return this.#fallBack(session, error, feeds, into)
    }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  async #fallBack(lost: Session, error: unknown, feeds: Tensors, into?: Tensors | readonly string[]): Promise<Tensors> {
    // Two runs may fail at once.
    if (this.#session !== lost) return this.#session.run(feeds, into)
    const cpu = await this.#openCpu()
    let results: Tensors
    try {
      results = await cpu.run(feeds, into)
    } catch {
      await cpu.release()
      throw error
    }
    if (this.#session !== lost) {
      await cpu.release()
      return results
    }
    this.#passedOver = [...lost.passedOver, lossOf(lost.device, error)]
    this.#session = cpu
    // A device that is gone may not let go of its memory either; nothing depends on that.
    await lost.release().catch(() => {})
    return results
  }
}

/** The session itself where it is on the CPU. */
export const withFallback = (session: Session, openCpu: () => Promise<Session>): Session =>
  session.device === 'cpu' ? session : new FallbackSession(session, openCpu)

/** How to say that a device was lost while it was used. */
export function lossOf(device: PassedOver['device'], error: unknown): PassedOver {
  return {
    device,
    reason: `it was lost while it was used: ${firstLine(error)}`,
    remedy: 'See to the device and its driver, then start again; until then the CPU computes.',
  }
}

/** Graphics drivers explain themselves at length. */
function firstLine(error: unknown): string {
  const cause = error instanceof AuscultError && error.cause ? error.cause : error
  return messageOf(cause).split('\n', 1)[0]
}
