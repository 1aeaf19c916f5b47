import type { Clock } from '../../clock.ts'
import { AuscultError } from '../../errors.ts'
import { CompressionTypes, createKafka, type Kafka, kafkaError, Partitioners, type Producer } from '../../kafka.ts'
import type { Logger } from '../../logger.ts'
import { Retry } from '../../retry.ts'
import type { ComponentStatus } from '../telemetry.ts'
import type { KafkaSinkConfig } from './config.ts'

export interface ProducerOptions {
  readonly config: KafkaSinkConfig
  readonly topic: string
  readonly clock: Clock
  readonly logger: Logger
  readonly env?: NodeJS.ProcessEnv
}

export interface Outgoing {
  /** Messages of one key stay in order. */
  readonly key: string
  readonly value: string
  readonly headers?: Record<string, string>
}

/** Characters of the values in one request, of three bytes at most: below the 1 MiB that brokers take by default. */
const CHUNK_LENGTH = 256 << 10
/** Messages in one request: kafkajs groups them in quadratic time. */
const CHUNK_MESSAGES = 512
/** Of the client, before it lets us decide. */
const RETRIES = { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 }
const BACK_OFF = { firstMs: 250, lastMs: 5000 }

/**
 * Sends messages to one topic, in order, until all in-sync replicas have them: it tries again with back-off until it is stopped.
 * The producer is idempotent, so that what is tried again by the same producer is there once; after an error that costs the
 * producer its session, or a restart of the process, messages may be there twice.
 */
export class SteadyProducer {
  readonly #options: ProducerOptions
  readonly #retry = new Retry(BACK_OFF)
  readonly #stopping = new AbortController()
  #kafka: Kafka | undefined
  #producer: Producer | undefined
  #status: ComponentStatus = { ok: false, reason: 'not yet connected' }

  constructor(options: ProducerOptions) {
    this.#options = options
  }

  /** Touches no network. @throws AUSCULT_CONFIG, AUSCULT_INPUT_MISSING for secrets and files that are not there */
  prepare(): void {
    const { config, logger, env } = this.#options
    this.#kafka = createKafka(config, logger, 'sinks.kafka', env)
  }

  status(): ComponentStatus {
    return this.#status
  }

  /** Resolves when a broker answers and the topic is there. @throws AUSCULT_KAFKA when it is stopped before */
  connect(): Promise<void> {
    return this.#steadily(() => this.#findTopic())
  }

  /**
   * Resolves when all messages are there. One call at a time.
   * @throws AUSCULT_KAFKA when it is stopped before; then some may be there
   */
  async send(messages: readonly Outgoing[]): Promise<void> {
    const { topic, config } = this.#options
    const compression = config.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None
    for (const chunk of chunksOf(messages)) {
      await this.#steadily(producer => producer.send({ topic, acks: -1, compression, messages: chunk }))
    }
  }

  /**
   * Gives up what fails from now on, and what is not sent in half of the time until `deadline` (ms since the epoch): the rest is for
   * those who are stopped after it.
   * @param idle resolves when nobody waits for `connect` or `send`
   */
  async stop(deadline: number, idle: Promise<unknown>): Promise<void> {
    this.#stopping.abort()
    const patience = new AbortController()
    const most = Math.max(0, (deadline - Date.now()) / 2)
    const timeout = this.#options.clock.sleep(most, patience.signal).catch(() => {})
    await Promise.race([idle, timeout])
    const producer = this.#producer
    this.#producer = undefined
    await Promise.race([producer?.disconnect().catch(() => {}), timeout])
    patience.abort()
  }

  /** Works with a connected producer until it succeeds. */
  async #steadily(work: (producer: Producer) => Promise<unknown>): Promise<void> {
    const { topic, clock, config } = this.#options
    for (;;) {
      try {
        await work(await this.#connected())
        this.#succeeded(`${config.brokers.join(', ')}, topic ${topic}`)
        return
      } catch (cause) {
        const error = kafkaError(cause, topic)
        this.#failed(error)
        if (isSessionLost(cause)) await this.#disconnect()
        await clock.sleep(this.#retry.failed(clock.now()).ms, this.#stopping.signal).catch(() => {})
        if (this.#stopping.signal.aborted) throw error
      }
    }
  }

  async #connected(): Promise<Producer> {
    if (this.#producer) return this.#producer
    if (!this.#kafka) throw new AuscultError('AUSCULT_KAFKA', 'the producer was not prepared')
    const producer = this.#kafka.producer({
      ...{ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false },
      ...{ createPartitioner: rememberingPartitioner, retry: RETRIES },
    })
    try {
      await producer.connect()
    } catch (error) {
      // One that has no session yet would send without numbers.
      await producer.disconnect().catch(() => {})
      throw error
    }
    this.#producer = producer
    return producer
  }

  async #findTopic(): Promise<void> {
    const admin = this.#kafka!.admin({ retry: RETRIES })
    try {
      await admin.connect()
      await admin.fetchTopicMetadata({ topics: [this.#options.topic] })
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  async #disconnect(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.disconnect().catch(() => {})
  }

  #succeeded(reason: string): void {
    const { logger, topic } = this.#options
    if (!this.#status.ok) logger.info({ topic }, 'Kafka takes messages')
    this.#status = { ok: true, reason }
    this.#retry.succeeded()
  }

  #failed(error: AuscultError): void {
    const { logger, topic } = this.#options
    const reason = error.toString().split('\n')[0]
    if (this.#status.reason !== reason)
      logger.error({ topic, error: reason, remedy: error.remedy }, 'Kafka does not take messages')
    this.#status = { ok: false, reason }
  }
}

/** The partitions of Java clients. Hashing is slow in kafkajs, and keys are as few as sources: it is done once for each. */
function rememberingPartitioner(): ReturnType<typeof Partitioners.DefaultPartitioner> {
  const partition = Partitioners.DefaultPartitioner()
  const known = new Map<string, number>()
  let partitions = 0
  return args => {
    if (args.partitionMetadata.length !== partitions) known.clear()
    partitions = args.partitionMetadata.length
    const key = String(args.message.key)
    const found = known.get(key) ?? partition(args)
    known.set(key, found)
    return found
  }
}

/** Whether a producer cannot go on. What did not get through because of the network it can send again, under the same numbers. */
function isSessionLost(error: unknown): boolean {
  const {
    name = '',
    type = '',
    retriable,
    cause,
  } = error as { name?: string; type?: string; retriable?: boolean; cause?: unknown }
  if (/SEQUENCE|PRODUCER/.test(type)) return true
  if (name === 'KafkaJSNumberOfRetriesExceeded' && cause) return isSessionLost(cause)
  return retriable === false
}

function* chunksOf(messages: readonly Outgoing[]): Generator<Outgoing[]> {
  let chunk: Outgoing[] = []
  let length = 0
  for (const message of messages) {
    const size = message.value.length
    if (chunk.length === CHUNK_MESSAGES || (chunk.length > 0 && length + size > CHUNK_LENGTH)) {
      yield chunk
      chunk = []
      length = 0
    }
    chunk.push(message)
    length += size
  }
  if (chunk.length > 0) yield chunk
}
