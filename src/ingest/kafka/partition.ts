import { AuscultError } from '../../errors.ts'
import type { KafkaMessage } from '../../kafka.ts'
import type { Delivery, SourceReports } from '../../types.ts'
import { giveBack } from '../window-arrays.ts'
import { isPoisoned, poisonOf } from './compression/poison.ts'
import type { KafkaSourceConfig } from './config.ts'
import type { Cutter, CutWindow, ReadMessage } from './cutter.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { InFlight } from './in-flight.ts'
import type { KeyedSource, KeyedSources } from './keyed-sources.ts'
import { placeOf } from './payload/message.ts'
import { Watermark } from './watermark.ts'

/** What the partitions of a source share. */
export interface PartitionContext {
  readonly name: string
  readonly config: Pick<KafkaSourceConfig, 'max_message_bytes' | 'max_metadata_bytes' | 'max_keys'>
  readonly shape: readonly number[]
  readonly sources: KeyedSources
  readonly inFlight: InFlight
  readonly letters: DeadLetters | undefined
  readonly reports: SourceReports
}

/**
 * What is read of one partition: makes deliveries of its messages in order, and knows how far it may be committed. It outlives a
 * rejoin of the group when the partition stays with this process.
 */
export class Partition {
  readonly topic: string
  readonly partition: number
  /** `topic/partition`. */
  readonly place: string
  /** Deliveries that wait to be taken, of messages before `position`. */
  readonly ready: Delivery[] = []
  /** Offset behind the last message that the broker has. */
  high = 0
  /** The offset that the broker has for the group; undefined before the first commit. */
  committed: number | undefined
  readonly #context: PartitionContext
  readonly #cutter: Cutter
  readonly #watermark: Watermark
  /** By key, the message that its unfinished window holds. */
  readonly #parked = new Map<string | undefined, number>()
  #gone = false

  constructor(topic: string, partition: number, start: number, cutter: Cutter, context: PartitionContext) {
    this.topic = topic
    this.partition = partition
    this.place = `${topic}/${partition}`
    this.#context = context
    this.#cutter = cutter
    this.#watermark = new Watermark(start)
  }

  /** The offset that is read next. */
  get position(): number {
    return this.#watermark.position
  }

  get committable(): number {
    return this.#watermark.committable
  }

  /** Messages that wait at the broker. */
  get lag(): number {
    return Math.max(0, this.high - this.position)
  }

  /** Takes the message at or after `position`; its windows are `ready` then. */
  take(message: KafkaMessage): void {
    const { sources, reports, name } = this.#context
    const offset = Number(message.offset)
    const at = placeOf(this.topic, this.partition, message.offset)
    this.#watermark.begin(offset)
    const source = sources.of(message.key, this.place)
    const key = message.key?.toString('latin1')
    const fail = (reason: string, error: unknown) =>
      reports.failed({ source: source?.source ?? name, reason, at, error, windows: 1 })
    try {
      if (!source) throw this.#tooManyKeys(at)
      this.#check(message, at)
      const { windows, gap, dropped } = this.#cutter.cut(readable(message, at, source.source, key))
      if (gap !== undefined) reports.gap(source.source, `${at}: ${gap}`)
      if (dropped) fail(dropped.reason, dropped.message)
      for (const window of windows) this.ready.push(this.#delivery(window, source))
    } catch (error) {
      const poisoned = isPoisoned(message.headers)
      fail(poisoned ? 'compression' : reasonOf(error), error)
      this.#bury(message, error)
      for (const each of poisoned ? this.#cutter.lostOfAny() : this.#cutter.lost(key)) this.#park(each)
    }
    this.#park(key)
    this.#watermark.release(offset)
  }

  /** Passes over offsets that hold nothing to read. */
  skipTo(position: number): void {
    this.#watermark.skipTo(position)
  }

  /** Lets go of unfinished windows of keys that have fallen silent. */
  expire(): void {
    for (const key of this.#cutter.expire()) this.#park(key)
  }

  /** What is to be committed, if it is more than what was. */
  commit(): { offset: number; metadata: string | null } | undefined {
    const offset = this.committable
    if (offset === this.committed) return undefined
    return { offset, metadata: this.#cutter.metadata(offset, this.#context.config.max_metadata_bytes) }
  }

  /** Another process has it now. What comes of windows in flight no longer matters. */
  forget(): void {
    this.#gone = true
    this.ready.length = 0
  }

  #delivery({ stream, offset, part, time, data, first }: CutWindow, source: KeyedSource): Delivery {
    const { inFlight, shape } = this.#context
    const id = `${source.source}/${stream}/${offset}${part}`
    const window = { source: source.source, id, index: source.index++, stream, offset, time, data, shape }
    let waits = true
    const decided = () => {
      if (waits) inFlight.done()
      waits = false
    }
    this.#watermark.hold(first)
    return {
      window,
      ack: () => {
        decided()
        if (!this.#gone) this.#watermark.release(first)
      },
      hold: decided,
      recycle: () => giveBack(data),
    }
  }

  #park(key: string | undefined): void {
    const before = this.#parked.get(key)
    const now = this.#cutter.parked(key)
    if (now === before) return
    if (now === undefined) this.#parked.delete(key)
    else {
      this.#watermark.hold(now)
      this.#parked.set(key, now)
    }
    if (before !== undefined) this.#watermark.release(before)
  }

  #check({ value, headers }: KafkaMessage, at: string): void {
    if (isPoisoned(headers)) throw poisonOf(headers, at)
    const size = value?.length ?? 0
    const most = this.#context.config.max_message_bytes
    if (size === 0) throw new Refusal('empty', 'the message has no value', at, 'Leave such messages out of this topic.')
    if (size <= most) return
    throw new Refusal('oversized', `${size} bytes, ${most} are allowed`, at, 'Raise max_message_bytes, or send less.')
  }

  #tooManyKeys(at: string): Refusal {
    const message = `its key is beyond the ${this.#context.config.max_keys} allowed`
    return new Refusal('too_many_keys', message, at, 'Raise max_keys, unless each message has a key of its own.')
  }

  /** Where there is a topic for dead letters, the message is done when it is there. */
  #bury(message: KafkaMessage, error: unknown): void {
    const { letters } = this.#context
    if (!letters || isPoisoned(message.headers)) return
    const offset = Number(message.offset)
    this.#watermark.hold(offset)
    void letters.write({ topic: this.topic, partition: this.partition, message, error }).then(() => {
      if (!this.#gone) this.#watermark.release(offset)
    })
  }
}

/** A message that is left out before anything is decoded. */
class Refusal extends AuscultError {
  readonly reason: string

  constructor(reason: string, message: string, at: string, remedy: string) {
    super('AUSCULT_INPUT_INVALID', message, { at, remedy })
    this.reason = reason
  }
}

const REASONS: Partial<Record<string, string>> = {
  AUSCULT_NON_FINITE: 'non_finite',
  AUSCULT_INPUT_SHAPE: 'shape',
  AUSCULT_INPUT_RATE: 'wrong_rate',
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.reason
  return (error instanceof AuscultError && REASONS[error.code]) || 'decode'
}

function readable(message: KafkaMessage, at: string, source: string, key: string | undefined): ReadMessage {
  const { value, headers, offset } = message
  const timestamp = Number(message.timestamp)
  return { value, headers, at, offset: Number(offset), key, source, ...(timestamp >= 0 && { timestamp }) }
}
