import { Batch, type Message } from './batch.ts'
import type { Subscription } from './subscription.ts'

/** Who is sent batches. */
export interface Member {
  take(batch: Batch): void
}

interface Membership {
  /** Number of the latest batch that it has. */
  taken: number
  /** How many messages of the next one came before it did. */
  skip: number
}

/** Those of one subscription, and what they are to be sent next. */
export class Channel {
  readonly subscription: Subscription
  readonly #members = new Map<Member, Membership>()
  readonly #pending: Message[] = []
  #current: Batch | undefined
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
    if (older === -1) this.#pending.push(message)
    else this.#pending[older] = message
  }

  /** Makes a batch of what waits. Whoever calls this delivers it to all members, which may take a while. */
  seal(): Batch {
    this.#current = new Batch(++this.#number, this.#pending.splice(0))
    return this.#current
  }

  /** Gives a member a batch that it does not have yet. */
  deliver(member: Member, batch: Batch): void {
    const membership = this.#members.get(member)
    if (!membership || membership.taken >= batch.number) return
    const { skip } = membership
    membership.taken = batch.number
    membership.skip = 0
    if (skip === 0) member.take(batch)
    else if (skip < batch.messages.length) member.take(new Batch(batch.number, batch.messages.slice(skip)))
  }

  /** From now on it gets what comes. */
  join(member: Member): void {
    this.#members.set(member, { taken: this.#number, skip: this.#pending.length })
  }

  /** It is given what came until now. */
  leave(member: Member): void {
    if (this.#current) this.deliver(member, this.#current)
    if (this.#pending.length > 0) this.deliver(member, new Batch(this.#number + 1, [...this.#pending]))
    this.#members.delete(member)
  }

  /** Whether there is nothing on its way to a member. */
  isDone(member: Member): boolean {
    return this.#pending.length === 0 && this.#members.get(member)?.taken === this.#number
  }
}
