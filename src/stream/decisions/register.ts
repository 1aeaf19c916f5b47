import type { Clock } from '../../clock.ts'
import type { AuscultEvent, DecisionEvent, EpisodeEvent } from '../../types.ts'
import { checkBy } from './checks.ts'
import { type DecisionsState, decided, undecided } from './state.ts'
import type { By } from './types.ts'

/** Makes events and state durable in one transaction, then tells the sinks. Rejects when they are not. */
export type Publish = (
  events: readonly AuscultEvent[],
  state: Readonly<Record<string, unknown>>,
) => Promise<readonly number[]>

export interface RegisterOptions {
  readonly publish: Publish
  readonly clock: Clock
  /** Called with each decision on its way: how episodes change with it, and what else is to be stored with it. */
  readonly accompany: () => {
    readonly events: readonly EpisodeEvent[]
    readonly state: Readonly<Record<string, unknown>>
  }
}

export type Decision = Omit<DecisionEvent, 'type' | 'eventId' | 'time' | 'who' | 'note'>

export interface Accompaniment {
  readonly events?: readonly EpisodeEvent[]
  readonly state?: Readonly<Record<string, unknown>>
}

/** Key of the state in the store. */
export const STATE = 'decisions'

/** Where decisions are entered, one after the other: each is durable with its audit entry before it is in `state`. */
export class Register {
  readonly #options: RegisterOptions
  #state = undecided()
  #ahead = this.#state
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: RegisterOptions) {
    this.#options = options
  }

  /** What is durable. */
  get state(): DecisionsState {
    return this.#state
  }

  /** The same with the decision that is on its way to the store: what is stored from now on is stored behind it. */
  get ahead(): DecisionsState {
    return this.#ahead
  }

  /** Number of the next decision. */
  get number(): number {
    return this.#state.next
  }

  restore(state: DecisionsState): void {
    this.#state = state
    this.#ahead = state
  }

  /** Does the work when all work before it is done. @throws AUSCULT_USAGE when `by` names nobody */
  serial<T>(by: By, work: (by: By) => Promise<T>): Promise<T> {
    const result = this.#work.then(() => work(checkBy(by)))
    this.#work = result.catch(() => {})
    return result
  }

  /** Resolves when all work that was given until now is done. */
  async settled(): Promise<void> {
    await this.#work
  }

  /** Enters a decision. Called within `serial` only. @throws AUSCULT_STORE, and everything is as before */
  async commit({ who, note }: By, decision: Decision, { events = [], state = {} }: Accompaniment = {}): Promise<void> {
    const { clock, publish, accompany } = this.#options
    const time = clock.now()
    const eventId = `decision/${this.number}/${time}`
    const event: DecisionEvent = {
      type: 'decision',
      eventId,
      time,
      who,
      ...(note !== undefined && { note }),
      ...decision,
    }
    this.#ahead = decided(this.#state, event)
    try {
      const also = accompany()
      await publish([event, ...events, ...also.events], { ...also.state, ...state, [STATE]: this.#ahead })
    } catch (error) {
      this.#ahead = this.#state
      throw error
    }
    this.#state = this.#ahead
  }
}
