import type { SourceStatus } from '../telemetry.ts'
import type { Exposition, Values } from './exposition.ts'
import { byReason, DROPPED, FAILED } from './reasons.ts'

/** What became of the windows of each source. */
export class WindowMetrics {
  readonly #received: Values
  readonly #scored: Values
  readonly #dropped: Values
  readonly #failed: Values
  readonly #inFlight: Values
  readonly #queue: Values
  readonly #late: Values
  readonly #gaps: Values

  constructor(exposition: Exposition) {
    const counter = exposition.counter.bind(exposition)
    this.#received = counter('auscult_windows_received_total', 'Windows received', 'source')
    this.#scored = counter('auscult_windows_scored_total', 'Windows scored', 'source')
    this.#dropped = counter('auscult_windows_dropped_total', 'Windows dropped', 'source', 'reason')
    this.#failed = counter('auscult_windows_failed_total', 'Windows that could not be scored', 'source', 'reason')
    this.#inFlight = exposition.gauge('auscult_windows_in_flight', 'Windows whose outcome is open', 'source')
    this.#queue = exposition.gauge('auscult_queue_windows', 'Of these, windows that wait to be scored', 'source')
    this.#late = counter('auscult_windows_late_total', 'Windows of an earlier time than one before them', 'source')
    this.#gaps = counter('auscult_source_gaps_total', 'Places where data were missing or out of order', 'source')
  }

  set({ account, queued, late, gaps }: SourceStatus, labels: { readonly source: string }): void {
    this.#received.set(account.received, labels)
    this.#scored.set(account.scored, labels)
    for (const [reason, n] of byReason(account.dropped, DROPPED)) this.#dropped.set(n, { ...labels, reason })
    for (const [reason, n] of byReason(account.failed, FAILED)) this.#failed.set(n, { ...labels, reason })
    this.#inFlight.set(account.inFlight, labels)
    this.#queue.set(queued, labels)
    this.#late.set(late, labels)
    this.#gaps.set(gaps, labels)
  }
}
