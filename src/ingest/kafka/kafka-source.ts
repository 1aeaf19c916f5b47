import type { Clock } from '../../clock.ts'
import { createKafka, kafkaError, registerCodecs } from '../../kafka.ts'
import type { Logger } from '../../logger.ts'
import { Retry } from '../../retry.ts'
import type { Delivery, SourceReports } from '../../types.ts'
import type { Source, WindowSpec } from '../source.ts'
import { batchCodecs } from './compression/codecs.ts'
import { checkKafkaSource, type KafkaSourceConfig } from './config.ts'
import type { Cutter } from './cutter.ts'
import { DeadLetters } from './dead-letters.ts'
import { FrameCutter } from './frame-cutter.ts'
import { GroupReader } from './group-reader.ts'
import { InFlight } from './in-flight.ts'
import type { MessageRate } from './joiner/joiner.ts'
import { messageRate } from './joiner/message-rate.ts'
import { KeyedSources } from './keyed-sources.ts'
import { checkPayload } from './payload/config.ts'
import { SoundCutter } from './sound-cutter.ts'
import { Troubles } from './troubles.ts'

/** Waits between memberships that broke off, ms. */
const RETRY = { firstMs: 500, lastMs: 10_000 }

/**
 * Messages of Kafka topics as windows: each message a detector frame (or some), or a chunk of sound that is joined with the others of
 * its key. The key names the source, `name/key`. A window that was not acknowledged comes again after a restart, with the same id.
 * Failures are counted as `decode`, `shape`, `non_finite`, `wrong_rate`, `empty`, `oversized`, `compression`, `too_many_keys`,
 * `duplicate` and `out_of_order`.
 */
export class KafkaSource implements Source {
  readonly name: string
  readonly overflow = 'pause'
  readonly resumable = true
  readonly #config: KafkaSourceConfig
  readonly #spec: WindowSpec
  readonly #clock: Clock
  readonly #logger: Logger
  /** Of sound at another rate than the model's. */
  #rate: MessageRate | undefined

  constructor(name: string, config: KafkaSourceConfig, spec: WindowSpec, clock: Clock, logger: Logger) {
    this.name = name
    this.#config = config
    this.#spec = spec
    this.#clock = clock
    this.#logger = logger
    registerCodecs(batchCodecs())
  }

  /** Checks the options; whether the cluster is there shows later. @throws AUSCULT_CONFIG, AUSCULT_INPUT_MISSING */
  async open(): Promise<void> {
    const at = `sources.${this.name}`
    checkKafkaSource(this.#config, at)
    const { payload } = this.#config
    checkPayload(payload, this.#spec, `${at}.payload`)
    this.#rate = await messageRate(payload.sample_rate, this.#spec, `${at}.payload.sample_rate`)
    createKafka(this.#config, this.#logger, at)
  }

  async *deliveries(signal: AbortSignal, reports: SourceReports): AsyncIterable<Delivery> {
    await this.open()
    const ended = new AbortController()
    const stop = AbortSignal.any([signal, ended.signal])
    const troubles = new Troubles(message => reports.condition(this.name, 'down', message))
    const kafka = createKafka(this.#config, this.#logger, `sources.${this.name}`)
    const { dead_letter_topic: topic, max_keys } = this.#config
    const letters =
      topic === undefined
        ? undefined
        : new DeadLetters(kafka, topic, this.#clock, message => troubles.set('letters', message))
    const reader = new GroupReader({
      kafka,
      config: this.#config,
      context: {
        name: this.name,
        config: this.#config,
        shape: this.#spec.shape,
        sources: new KeyedSources(this.name, max_keys),
        inFlight: new InFlight(),
        letters,
        reports,
      },
      cutterOf: (place, metadata) => this.#cutter(place, metadata),
      clock: this.#clock,
      logger: this.#logger,
      onFlow: () => troubles.set('group', undefined),
    })
    const reading = this.#keepReading(reader, stop, troubles).finally(() => reader.deliveries.close())
    try {
      yield* reader.deliveries.taken()
    } finally {
      ended.abort()
      await reading
      await letters?.close()
    }
  }

  #cutter(place: string, metadata: string | null): Cutter {
    const { payload } = this.#config
    if (this.#spec.sampleRate === null) return new FrameCutter(place, payload, this.#spec)
    return new SoundCutter(place, payload, this.#spec, metadata, this.#rate)
  }

  /** One membership after the other, until the signal aborts. */
  async #keepReading(reader: GroupReader, signal: AbortSignal, troubles: Troubles): Promise<void> {
    const retry = new Retry(RETRY)
    while (!signal.aborted) {
      const begun = performance.now()
      try {
        await reader.run(signal)
      } catch (error) {
        if (signal.aborted) return
        if (performance.now() - begun > RETRY.lastMs) retry.succeeded()
        const { message, at, remedy } = kafkaError(error, `group ${this.#config.group_id}`)
        const level = troubles.set('group', `${at}: ${message}`) ? 'warn' : 'debug'
        this.#logger[level]({ source: this.name, at, error: message, remedy }, 'cannot read from Kafka; tries again')
        await this.#clock.sleep(retry.failed(performance.now()).ms, signal).catch(() => {})
      }
    }
  }
}
