import type { Exposition } from './exposition.ts'
import type { MetricsState } from './state.ts'

type Parts = Omit<MetricsState, 'sources'>

/** What the parts count that look at windows, keep what they find, and bring it to people. */
export class PartMetrics {
  readonly #setters: readonly ((state: Parts) => void)[]

  constructor(exposition: Exposition) {
    this.#setters = [
      ...singles(exposition),
      byLabel(
        exposition,
        'auscult_websocket_closed_total',
        'WebSocket connections that ended',
        'reason',
        s => s.websocket.closed,
      ),
      byLabel(
        exposition,
        'auscult_websocket_refused_total',
        'WebSocket connections that were not let in',
        'reason',
        s => s.websocket.refused,
      ),
      scorerDevices(exposition),
      webhooks(exposition),
      components(exposition),
    ]
  }

  set(state: Parts): void {
    for (const set of this.#setters) set(state)
  }
}

function singles(exposition: Exposition): ((state: Parts) => void)[] {
  const single = (type: 'counter' | 'gauge', name: string, help: string, of: (state: Parts) => number | undefined) => {
    const values = exposition[type](name, help)
    return (state: Parts) => {
      const value = of(state)
      if (value !== undefined) values.set(value)
    }
  }
  const gauge = single.bind(undefined, 'gauge')
  const counter = single.bind(undefined, 'counter')
  return [
    gauge('auscult_store_events', 'Events in the event store', s => s.store.events),
    gauge('auscult_store_bytes', 'Bytes that the event store takes', s => s.store.bytes),
    gauge('auscult_kafka_lag_events', 'Events that wait for Kafka; absent where none are sent there', s => s.kafkaLag),
    gauge('auscult_websocket_clients', 'WebSocket clients', s => s.websocket.clients),
    counter(
      'auscult_websocket_unsent_scores_total',
      'Score messages that slow clients did not get',
      s => s.websocket.unsentScores,
    ),
    counter(
      'auscult_websocket_unsent_views_total',
      'Pictures that slow clients did not get',
      s => s.websocket.unsentViews,
    ),
    counter(
      'auscult_websocket_errors_total',
      'Messages of clients that were answered with an error',
      s => s.websocket.errors,
    ),
    counter(
      'auscult_views_skipped_total',
      'Windows of watched sources that were not made into pictures, to bound the work',
      s => s.views.skipped,
    ),
    counter('auscult_scorer_restarts_total', 'Scorer threads started again after they died', s => s.workerRestarts),
    counter(
      'auscult_scorer_fallbacks_total',
      'Scorer threads that lost their device and went on with the CPU',
      s => s.scorer.fallbacks,
    ),
    gauge('auscult_clusters', 'Clusters of latents', s => s.clusters.size),
    counter('auscult_cluster_births_total', 'Clusters born since the start', s => s.clusters.births),
    counter('auscult_cluster_merges_total', 'Clusters merged since the start', s => s.clusters.merges),
    counter('auscult_latents_refused_total', 'Latents that were not finite', s => s.clusters.refused),
    counter('auscult_explanations_total', 'Windows that were explained', s => s.evidence.explained),
    counter(
      'auscult_explanations_failed_total',
      'Explanations that failed or could not be written',
      s => s.evidence.failed,
    ),
    counter(
      'auscult_explanations_skipped_total',
      'Explanations left out because the scorers were busy',
      s => s.evidence.skipped,
    ),
    gauge('auscult_evidence_bytes', 'Bytes of clips and explanations on the disk', s => s.evidence.bytes),
    counter('auscult_map_placed_total', 'Latents placed on the map', s => s.map.placed),
    counter('auscult_map_skipped_total', 'Latents that were not placed, to bound the work', s => s.map.skipped),
    gauge('auscult_mutes', 'Mutes in force', s => s.mutes),
  ]
}

function byLabel(
  exposition: Exposition,
  name: string,
  help: string,
  label: string,
  of: (state: Parts) => Readonly<Record<string, number>>,
): (state: Parts) => void {
  const values = exposition.counter(name, help, label)
  return state => {
    for (const [value, count] of Object.entries(of(state))) values.set(count, { [label]: value })
  }
}

function webhooks(exposition: Exposition): (state: Parts) => void {
  const deliveries = exposition.counter(
    'auscult_webhook_deliveries_total',
    'Attempts to deliver to a webhook',
    'webhook',
    'outcome',
  )
  const lag = exposition.gauge('auscult_webhook_lag_events', 'Events that wait to be delivered', 'webhook')
  return state => {
    for (const { name: webhook, outcomes, lag: waiting } of state.webhooks) {
      for (const [outcome, count] of Object.entries(outcomes)) deliveries.set(count, { webhook, outcome })
      lag.set(waiting, { webhook })
    }
  }
}

/** A device that was lost stays, with 0. */
function scorerDevices(exposition: Exposition): (state: Parts) => void {
  const threads = exposition.gauge('auscult_scorer_device', 'Scorer threads that compute on the device', 'device')
  const seen = new Set<string>()
  return ({ scorer: { devices } }) => {
    for (const device of Object.keys(devices)) seen.add(device)
    for (const device of seen) threads.set(devices[device] ?? 0, { device })
  }
}

/** Sources are no part here: they have `auscult_source_up`, and may be many. */
function components(exposition: Exposition): (state: Parts) => void {
  const ok = exposition.gauge('auscult_component_ok', '1 while this part of the daemon works, else 0', 'component')
  return state => {
    for (const [component, status] of Object.entries(state.components)) {
      if (!component.startsWith('source ')) ok.set(status.ok ? 1 : 0, { component })
    }
  }
}
