import { AuscultError } from '../../errors.ts'
import type { Service } from '../../lifecycle.ts'
import type { Score } from '../../types.ts'
import { type Deferred, deferred } from '../deferred.ts'
import { scoreToJson } from '../score-json.ts'
import type { ComponentStatus, ScoreLog } from '../telemetry.ts'
import { type Outgoing, type ProducerOptions, SteadyProducer } from './steady-producer.ts'

interface Write {
  readonly messages: readonly Outgoing[]
  readonly done: Deferred<void>
}

/** Keeps every score in a Kafka topic, keyed by source. Writes that come while one is on its way go out together after it. */
export class KafkaScoreLog implements Service, ScoreLog {
  readonly name = 'kafka scores'
  readonly #includeLatent: boolean
  readonly #producer: SteadyProducer
  readonly #topic: string
  #waiting: Write[] = []
  #sending: Promise<void> | undefined
  #stopped = false

  constructor(options: ProducerOptions) {
    this.#includeLatent = options.config.include_latent
    this.#topic = options.topic
    this.#producer = new SteadyProducer(options)
  }

  /** Does not wait for the brokers. @throws AUSCULT_CONFIG, AUSCULT_INPUT_MISSING for secrets and files that are not there */
  async start(): Promise<void> {
    this.#producer.prepare()
    this.#sending = this.#run(() => this.#producer.connect())
  }

  /** Those who wait for scores that are not there by the deadline get an error. */
  async stop(deadline: number): Promise<void> {
    this.#stopped = true
    await this.#producer.stop(deadline, this.#sending ?? Promise.resolve())
    this.#refuse(this.#stoppedError())
  }

  write(scores: readonly Score[]): Promise<void> {
    if (scores.length === 0) return Promise.resolve()
    if (this.#stopped) return Promise.reject(this.#stoppedError())
    const messages = scores.map(score => ({
      key: score.source,
      value: JSON.stringify(scoreToJson(score, this.#includeLatent)),
    }))
    const done = deferred()
    this.#waiting.push({ messages, done })
    this.#sending ??= this.#run(async () => {})
    return done.promise
  }

  status(): ComponentStatus {
    return this.#producer.status()
  }

  async #run(first: () => Promise<void>): Promise<void> {
    try {
      await first()
      while (this.#waiting.length > 0) await this.#sendGroup()
    } catch (error) {
      this.#refuse(error)
    }
    this.#sending = undefined
  }

  async #sendGroup(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    try {
      await this.#producer.send(group.flatMap(write => write.messages))
    } catch (error) {
      for (const { done } of group) done.reject(error)
      throw error
    }
    for (const { done } of group) done.resolve()
  }

  #refuse(error: unknown): void {
    for (const { done } of this.#waiting) done.reject(error)
    this.#waiting = []
  }

  #stoppedError(): AuscultError {
    return new AuscultError('AUSCULT_KAFKA', 'scores could not be written: the daemon stops', {
      at: this.#topic,
      canRetry: true,
    })
  }
}
