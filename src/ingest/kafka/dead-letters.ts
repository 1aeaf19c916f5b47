import { atMost } from '../../at-most.ts'
import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import {
  hasKafkaType,
  type IHeaders,
  type Kafka,
  type KafkaMessage,
  kafkaError,
  type Message,
  Partitioners,
  type Producer,
} from '../../kafka.ts'
import { Retry } from '../../retry.ts'

export interface DeadLetter {
  readonly topic: string
  readonly partition: number
  readonly message: KafkaMessage
  /** Why it was not taken. */
  readonly error: unknown
}

/** Letters that may wait to be written, and their bytes. */
const MOST_LETTERS = 100
const MOST_BYTES = 8 * 1024 * 1024
const CLOSE_MS = 1000

interface Waiting {
  readonly letter: DeadLetter
  readonly written: () => void
}

/**
 * Writes messages that cannot be decoded to a topic of their own: key, value, headers and time as they were, and headers `auscult-error`,
 * `auscult-topic`, `auscult-partition` and `auscult-offset`. Tries until it is done; one letter may be written more than once.
 */
export class DeadLetters {
  readonly #producer: Producer
  readonly #topic: string
  readonly #clock: Clock
  readonly #trouble: (message: string | undefined) => void
  readonly #closing = new AbortController()
  readonly #retry = new Retry({ firstMs: 500, lastMs: 30_000 })
  readonly #waiting: Waiting[] = []
  #bytes = 0
  #working: Promise<void> | undefined
  #connected = false
  #room: (() => void)[] = []
  #settled: (() => void)[] = []

  /** @param trouble is told why letters cannot be written, and undefined when they can again */
  constructor(kafka: Kafka, topic: string, clock: Clock, trouble: (message: string | undefined) => void) {
    const createPartitioner = Partitioners.DefaultPartitioner
    this.#producer = kafka.producer({ createPartitioner, allowAutoTopicCreation: false })
    this.#topic = topic
    this.#clock = clock
    this.#trouble = trouble
  }

  /** Whether so much waits that nothing more should be read. */
  get full(): boolean {
    return this.#waiting.length >= MOST_LETTERS || this.#bytes >= MOST_BYTES
  }

  /** Resolves when there is room again. */
  room(): Promise<void> {
    return this.full ? new Promise(resolve => this.#room.push(resolve)) : Promise.resolve()
  }

  /** Resolves when nothing waits any more, or an attempt to write has failed. */
  settled(): Promise<void> {
    return this.#waiting.length === 0 ? Promise.resolve() : new Promise(resolve => this.#settled.push(resolve))
  }

  /** Resolves when the letter is durable; never, when this is closed before. */
  write(letter: DeadLetter): Promise<void> {
    return new Promise(written => {
      this.#waiting.push({ letter, written })
      this.#bytes += sizeOf(letter)
      this.#working ??= this.#work().finally(() => {
        this.#working = undefined
      })
    })
  }

  /** Gives up what is not written yet; its messages are read again after a restart. */
  async close(): Promise<void> {
    this.#closing.abort()
    const leave = async () => {
      await this.#working
      if (this.#connected) await this.#producer.disconnect()
    }
    await atMost(CLOSE_MS, leave())
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing
    while (this.#waiting.length > 0 && !signal.aborted) {
      try {
        if (!this.#connected) await this.#producer.connect()
        this.#connected = true
        await this.#send()
        this.#retry.succeeded()
        this.#trouble(undefined)
        if (this.#waiting.length === 0) wakeAll(this.#settled)
      } catch (error) {
        wakeAll(this.#settled)
        const { message } = kafkaError(error, this.#topic)
        this.#trouble(`dead letters cannot be written to ${this.#topic}: ${message}`)
        await this.#clock.sleep(this.#retry.failed(performance.now()).ms, signal).catch(() => {})
      }
    }
  }

  async #send(): Promise<void> {
    const all = [...this.#waiting]
    try {
      await this.#produce(all.map(({ letter }) => messageFor(letter)))
      this.#done(all.length)
    } catch (error) {
      if (!isTooLarge(error)) throw error
      await this.#sendFirst()
    }
  }

  /** Alone, and without its value where the topic does not take it even then. */
  async #sendFirst(): Promise<void> {
    const message = messageFor(this.#waiting[0].letter)
    try {
      await this.#produce([message])
    } catch (error) {
      if (!isTooLarge(error)) throw error
      await this.#produce([{ ...message, value: null, headers: { ...message.headers, 'auscult-value': 'too large' } }])
    }
    this.#done(1)
  }

  async #produce(messages: Message[]): Promise<void> {
    await this.#producer.send({ topic: this.#topic, acks: -1, messages })
  }

  #done(count: number): void {
    for (const { letter, written } of this.#waiting.splice(0, count)) {
      this.#bytes -= sizeOf(letter)
      written()
    }
    if (!this.full) wakeAll(this.#room)
  }
}

function wakeAll(waiting: (() => void)[]): void {
  for (const wake of waiting.splice(0)) wake()
}

const sizeOf = ({ message: { key, value } }: DeadLetter): number => (key?.length ?? 0) + (value?.length ?? 0)

function messageFor({ topic, partition, message, error }: DeadLetter): Message {
  const headers: IHeaders = {
    ...message.headers,
    'auscult-error': messageOf(error),
    'auscult-topic': topic,
    'auscult-partition': String(partition),
    'auscult-offset': message.offset,
  }
  const { key, value, timestamp } = message
  return { key, value, headers, ...(Number(timestamp) >= 0 && { timestamp }) }
}

const isTooLarge = (error: unknown): boolean => hasKafkaType(error, 'MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE')
