import { systemClock } from '../../src/clock.ts'
import { checkConfig } from '../../src/config.ts'
import { type KafkaSourceConfig, kafkaSourceSchema } from '../../src/ingest/kafka/config.ts'
import { KafkaSource } from '../../src/ingest/kafka/kafka-source.ts'
import type { WindowSpec } from '../../src/ingest/source.ts'
import { silentLogger } from '../../src/logger.ts'
import type { Delivery, Window } from '../../src/types.ts'
import { Reports } from './reports.ts'

export const FRAME_SPEC: WindowSpec = { shape: [2, 2], sampleRate: null, hop: 1 }

export const kafkaConfig = (options: Partial<Record<keyof KafkaSourceConfig, unknown>>): KafkaSourceConfig =>
  checkConfig(
    {
      type: 'kafka',
      topics: ['t'],
      group_id: 'g',
      from: 'earliest',
      commit_interval_ms: 50,
      max_wait_ms: 50,
      ...options,
    },
    kafkaSourceSchema,
    'test',
  )

/** A kafka source with someone who takes its windows, acknowledges them at once unless told otherwise, and keeps them. */
export class KafkaFeed {
  readonly reports = new Reports()
  readonly windows: Window[] = []
  /** Deliveries that were not acknowledged. */
  readonly open: Delivery[] = []
  /** Set to stop taking windows until it resolves. */
  stall: Promise<void> | undefined
  acks = true
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  constructor(config: KafkaSourceConfig, spec: WindowSpec = FRAME_SPEC, name = 'feed') {
    const source = new KafkaSource(name, config, spec, systemClock, silentLogger)
    this.#done = this.#take(source)
  }

  get ids(): string[] {
    return this.windows.map(({ id }) => id)
  }

  /** Resolves when the source has let go of everything. @throws what the source threw */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  async #take(source: KafkaSource): Promise<void> {
    for await (const delivery of source.deliveries(this.#stop.signal, this.reports)) {
      this.windows.push(delivery.window)
      if (this.acks) delivery.ack()
      else this.open.push(delivery)
      await this.stall
    }
  }
}

/** A 2 × 2 frame of f32le that holds `value`. */
export const frameOf = (value: number): Buffer => Buffer.from(Float32Array.of(value, 1, 2, 3).buffer)
