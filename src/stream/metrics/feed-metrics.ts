import type { SourceStatus } from '../telemetry.ts'
import type { Exposition, Values } from './exposition.ts'

/** How each source delivers. */
export class FeedMetrics {
  readonly #up: Values
  readonly #condition: Values
  readonly #lastWindow: Values
  readonly #lag: Values
  readonly #restarts: Values

  constructor(exposition: Exposition) {
    this.#up = exposition.gauge('auscult_source_up', '1 while the source delivers, else 0', 'source')
    this.#condition = exposition.gauge(
      'auscult_source_condition',
      '1 while the source has this trouble',
      'source',
      'condition',
    )
    this.#lastWindow = exposition.gauge(
      'auscult_source_last_window_timestamp_seconds',
      'When the latest window came, Unix time',
      'source',
    )
    this.#lag = exposition.gauge('auscult_source_lag', 'Items that wait at the origin: messages, files', 'source')
    this.#restarts = exposition.counter(
      'auscult_source_restarts_total',
      'Times that what feeds the source began anew',
      'source',
    )
  }

  set(status: SourceStatus, labels: { readonly source: string }): void {
    const { state, conditions, lastWindowAt, lag, restarts } = status
    if (state !== 'handed_over') this.#up.set(state === 'running' ? 1 : 0, labels)
    for (const condition of Object.keys(conditions)) this.#condition.set(1, { ...labels, condition })
    if (lastWindowAt !== undefined) this.#lastWindow.set(lastWindowAt / 1000, labels)
    if (lag !== undefined) this.#lag.set(lag, labels)
    this.#restarts.set(restarts, labels)
  }
}
