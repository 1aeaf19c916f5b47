import type { Score } from '../../types.ts'
import type { ViewMessage, Views } from '../live-view/view-message.ts'
import type { Message } from './batch.ts'
import { Channel } from './channel.ts'
import type { Client } from './client.ts'
import { Decimator } from './decimator.ts'
import { Flusher } from './flusher.ts'
import { textFrame } from './frame.ts'
import type { Kind } from './kinds.ts'
import { scoreMessage } from './messages.ts'
import { type Subscription, wantsSource } from './subscription.ts'

/** Those who get one score of a source every so many seconds. */
interface Rate {
  readonly decimator: Decimator
  readonly channels: Set<Channel>
}

interface Viewed {
  readonly channels: Set<Channel>
  axes: ViewMessage['axes']
  end(): void
}

/** Who gets what. Each message is made once for all who get it, and only if somebody does. */
export class Switchboard {
  readonly #views: Views
  readonly #flusher = new Flusher()
  readonly #channels = new Map<string, Channel>()
  /** Those who want scores. */
  readonly #scored = new Set<Channel>()
  readonly #rates = new Map<number, Rate>()
  readonly #viewed = new Map<string, Viewed>()

  constructor(views: Views) {
    this.#views = views
  }

  get wantsScores(): boolean {
    return this.#scored.size > 0
  }

  /** Whether somebody wants something of this kind. */
  wants(kind: Kind): boolean {
    for (const { subscription } of this.#channels.values()) if (subscription.kinds.has(kind)) return true
    return false
  }

  join(client: Client): void {
    const { subscription } = client
    let channel = this.#channels.get(subscription.key)
    if (!channel) {
      channel = new Channel(subscription)
      this.#channels.set(subscription.key, channel)
      this.#connect(channel)
    }
    channel.join(client)
  }

  /** It is given what was for it until now. */
  leave(client: Client): void {
    const channel = this.#channels.get(client.subscription.key)
    channel?.leave(client)
    if (channel) this.#tidy(channel)
  }

  /** From now on it gets something else. */
  move(client: Client, subscription: Subscription): void {
    const before = this.#channels.get(client.subscription.key)
    before?.leave(client)
    client.subscribe(subscription)
    this.join(client)
    // Last, so that what both have in common goes on.
    if (before) this.#tidy(before)
  }

  isDone(client: Client): boolean {
    return this.#channels.get(client.subscription.key)?.isDone(client) ?? true
  }

  /** @param now milliseconds on a clock that nobody sets */
  score(score: Score, now: number): void {
    let message: Message | undefined
    for (const channel of this.#scored) {
      const { every, detail } = channel.subscription
      if (!wantsSource(channel.subscription, score.source) || (every > 0 && !detail.has(score.source))) continue
      message ??= scoreMessage(score, 1)
      this.#push(channel, message)
    }
    for (const { decimator } of this.#rates.values()) decimator.add(score, now)
  }

  /** @param make what makes the message, once */
  publish(kind: Kind, source: string, make: () => Message): void {
    let message: Message | undefined
    for (const channel of this.#channels.values()) {
      if (!channel.subscription.kinds.has(kind) || !wantsSource(channel.subscription, source)) continue
      message ??= make()
      this.#push(channel, message)
    }
  }

  /** Lets scores go that nothing follows. */
  sweep(now: number): void {
    for (const { decimator } of this.#rates.values()) decimator.sweep(now)
  }

  #push(channel: Channel, message: Message): void {
    channel.push(message)
    this.#flusher.mark(channel, message.kind === 'event')
  }

  #tidy(channel: Channel): void {
    if (!channel.isEmpty) return
    this.#channels.delete(channel.subscription.key)
    this.#disconnect(channel)
  }

  #connect(channel: Channel): void {
    const { kinds, every, view } = channel.subscription
    if (kinds.has('score')) {
      this.#scored.add(channel)
      if (every > 0) this.#rateOf(every).channels.add(channel)
    }
    for (const source of view) this.#viewOf(source).channels.add(channel)
  }

  #disconnect(channel: Channel): void {
    const { every, view } = channel.subscription
    this.#scored.delete(channel)
    const rate = this.#rates.get(every)
    rate?.channels.delete(channel)
    if (rate?.channels.size === 0) this.#rates.delete(every)
    for (const source of view) {
      const viewed = this.#viewed.get(source)
      viewed?.channels.delete(channel)
      if (viewed?.channels.size !== 0) continue
      viewed.end()
      this.#viewed.delete(source)
    }
  }

  #rateOf(every: number): Rate {
    const known = this.#rates.get(every)
    if (known) return known
    const channels = new Set<Channel>()
    const decimator = new Decimator(every, (score, windows) => {
      let message: Message | undefined
      for (const channel of channels) {
        const { subscription } = channel
        if (!wantsSource(subscription, score.source) || subscription.detail.has(score.source)) continue
        message ??= scoreMessage(score, windows)
        this.#push(channel, message)
      }
    })
    const rate = { decimator, channels }
    this.#rates.set(every, rate)
    return rate
  }

  #viewOf(source: string): Viewed {
    const known = this.#viewed.get(source)
    if (known) return known
    const viewed: Viewed = { channels: new Set(), axes: undefined, end: () => {} }
    this.#viewed.set(source, viewed)
    viewed.end = this.#views.watch(source, view => {
      viewed.axes = view.axes ?? viewed.axes
      const message = viewMessage(view, viewed.axes)
      for (const channel of viewed.channels) this.#push(channel, message)
    })
    return viewed
  }
}

function viewMessage({ axes: _, ...view }: ViewMessage, axes: ViewMessage['axes']): Message {
  let first: Buffer | undefined
  return {
    kind: 'view',
    seq: 0,
    source: view.source,
    bytes: textFrame(JSON.stringify(view)),
    // Few need it: those who have just come.
    first: () => {
      first ??= textFrame(JSON.stringify({ ...view, axes }))
      return first
    },
  }
}
