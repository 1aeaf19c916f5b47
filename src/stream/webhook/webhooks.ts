import type { Clock } from '../../clock.ts'
import { AuscultError } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type { WebhookCounts } from '../metrics/state.ts'
import type { ComponentStatus } from '../telemetry.ts'
import type { WebhookConfig } from './config.ts'
import { type Tried, type WebhookOutbox, WebhookSink } from './webhook-sink.ts'

export interface WebhookState extends WebhookCounts, ComponentStatus {
  /** Scheme and host. */
  readonly to: string
  readonly signed: boolean
}

export interface WebhookParts {
  readonly store: WebhookOutbox
  readonly publicUrl: string | null
  readonly clock: Clock
  readonly logger: Logger
  readonly env?: NodeJS.ProcessEnv
}

/** The webhooks of a configuration. `sinks` are services to be started after the store. */
export class Webhooks {
  readonly sinks: readonly WebhookSink[]
  readonly #byName: ReadonlyMap<string, WebhookSink>

  constructor(configs: Readonly<Record<string, WebhookConfig>>, parts: WebhookParts) {
    this.#byName = new Map(
      Object.entries(configs).map(([name, config]) => [name, new WebhookSink({ name, config, ...parts })]),
    )
    this.sinks = [...this.#byName.values()]
  }

  /** How they are, by name. */
  list(): WebhookState[] {
    return [...this.#byName].map(([name, sink]) => ({
      ...{ name, to: sink.origin, signed: sink.isSigned },
      ...{ ...sink.status(), outcomes: { ...sink.outcomes }, lag: sink.lag },
    }))
  }

  /** As `/readyz` shows them. */
  components(): Record<string, ComponentStatus> {
    return Object.fromEntries(this.sinks.map(sink => [sink.name, sink.status()]))
  }

  /** @throws AUSCULT_NOT_FOUND */
  async test(name: string): Promise<Tried> {
    const sink = this.#byName.get(name)
    if (sink) return sink.test()
    const known = [...this.#byName.keys()]
    throw new AuscultError('AUSCULT_NOT_FOUND', 'there is no such webhook', {
      at: name,
      remedy: known.length > 0 ? `There is ${known.join(', ')}.` : 'Configure one under sinks.webhooks.',
    })
  }
}
