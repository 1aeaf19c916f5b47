import { Batch, type Message } from './batch.ts'
import type { Subscription } from './subscription.ts'

/** Who is sent batches. */
export interface Member {
  take(batch: Batch): void
}

interface Membership {
  /** Number of the latest batch that it has. */
  taken: number
  /** Of the next batch it gets the messages from this place on. */
  from: number
}

/** Those of one subscription, and what they are to be sent next. */
export class Channel {
  readonly subscription: Subscription
  readonly #members = new Map<Member, Membership>()
  #pending: Message[] = []
  /** Place of each in the row of all messages of this channel. */
  #places: number[] = []
  #next = 0
  #current: Batch | undefined
  #currentPlaces: readonly number[] = []
  #number = 0

  constructor(subscription: Subscription) {
    this.subscription = subscription
  }

  get members(): Iterable<Member> {
    return this.#members.keys()
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  /** To be sent with the next batch. Of the views of a source only the latest is. */
  push(message: Message): void {
    const { source } = message
    const older = source === undefined ? -1 : this.#pending.findIndex(each => each.source === source)
    if (older !== -1) {
      this.#pending.splice(older, 1)
      this.#places.splice(older, 1)
    }
    this.#pending.push(message)
    this.#places.push(this.#next++)
  }

  /** Makes a batch of what waits. Whoever calls this delivers it to all members, which may take a while. */
  seal(): Batch {
    this.#current = new Batch(++this.#number, this.#pending)
    this.#currentPlaces = this.#places
    this.#pending = []
    this.#places = []
    return this.#current
  }

  /** Gives a member a batch that it does not have yet. */
  deliver(member: Member, batch: Batch): void {
    this.#give(member, batch, this.#currentPlaces)
  }

  /** From now on it gets what comes. */
  join(member: Member): void {
    this.#members.set(member, { taken: this.#number, from: this.#next })
  }

  /** It is given what came until now. */
  leave(member: Member): void {
    if (this.#current) this.#give(member, this.#current, this.#currentPlaces)
    if (this.#pending.length > 0) this.#give(member, new Batch(this.#number + 1, this.#pending), this.#places)
    this.#members.delete(member)
  }

  /** Whether there is nothing on its way to a member. */
  isDone(member: Member): boolean {
    return this.#pending.length === 0 && this.#members.get(member)?.taken === this.#number
  }

  #give(member: Member, batch: Batch, places: readonly number[]): void {
    const membership = this.#members.get(member)
    if (!membership || membership.taken >= batch.number) return
    const { from } = membership
    membership.taken = batch.number
    if (from <= places[0]) member.take(batch)
    else {
      const since = batch.messages.filter((_, i) => places[i] >= from)
      if (since.length > 0) member.take(new Batch(batch.number, since))
    }
  }
}
