import { dashboard } from './dashboard.ts'
import { badFrom, GREEN, plain, RED, thresholds, words } from './looks.ts'
import { heatmap, lines, stat, states } from './panels.ts'
import { inRange, ofDaemon, quantile, quantiles, rate } from './queries.ts'
import { coloured, table, unit } from './table.ts'
import { UIDS } from './uids.ts'

const now = [
  stat({
    title: 'Daemons up',
    description: 'Daemons that Prometheus reaches.',
    queries: [{ expr: `sum(${ofDaemon('up')})` }],
    thresholds: thresholds(RED, [1, GREEN]),
    width: 3,
  }),
  stat({
    title: 'Running for',
    description: 'Since the latest start of a daemon.',
    queries: [{ expr: `time() - max(${ofDaemon('process_start_time_seconds')})` }],
    unit: 's',
    decimals: 1,
    thresholds: plain(),
    width: 3,
  }),
  stat({
    title: 'Parts that do not work',
    description: 'Parts of a daemon (store, scorers, Kafka …) that /readyz says are not well. 0 is good.',
    queries: [{ expr: `sum(1 - ${ofDaemon('auscult_component_ok')})` }],
    thresholds: badFrom(1),
    line: true,
    width: 4,
  }),
  stat({
    title: 'Processors used',
    description: 'Processor cores that the daemons keep busy, of all threads.',
    queries: [{ expr: `sum(${rate(ofDaemon('process_cpu_seconds_total'))})` }],
    decimals: 2,
    thresholds: plain(),
    line: true,
    width: 3,
  }),
  stat({
    title: 'Memory',
    description: 'Memory that the daemons hold (resident). It should be flat after the first hour.',
    queries: [{ expr: `sum(${ofDaemon('process_resident_memory_bytes')})` }],
    unit: 'bytes',
    thresholds: plain(),
    line: true,
    width: 3,
  }),
  stat({
    title: 'Scorers that died',
    description: 'Scorer threads that had to be started again, in the time shown. 0 is good.',
    queries: [{ expr: `sum(${inRange(ofDaemon('auscult_scorer_restarts_total'))})` }],
    decimals: 0,
    thresholds: badFrom(1),
    width: 4,
  }),
  stat({
    title: 'Scorers that lost a GPU',
    description:
      'Scorer threads whose device failed. They compute on the CPU until the daemon is started again. 0 is good.',
    queries: [{ expr: `sum(${ofDaemon('auscult_scorer_fallbacks_total')})` }],
    decimals: 0,
    thresholds: badFrom(1),
    line: true,
    width: 4,
  }),
]

const speed = [
  lines({
    title: 'Time to a score',
    description:
      'Seconds from the arrival of a window to its score: half of the windows are quicker than p50, 99 of 100 than p99.',
    queries: quantiles('auscult_window_latency_seconds', 99, 90, 50),
    unit: 's',
    min: 0,
    width: 12,
  }),
  heatmap({
    title: 'Distribution of the time to a score',
    description: 'How many windows took how long.',
    queries: [
      { expr: `sum by (le) (increase(${ofDaemon('auscult_window_latency_seconds_bucket')}[$__rate_interval]))` },
    ],
    unit: 's',
    width: 12,
  }),
  lines({
    title: 'Where the time goes (p99)',
    description: 'Seconds of each stage on the way of a window: wait for a batch, score, decide, store, deliver.',
    queries: [{ expr: quantile(0.99, 'auscult_stage_seconds', 'stage'), legend: '{{stage}}' }],
    unit: 's',
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Waiting',
    description:
      'Windows that wait to be scored, over all sources. A queue that only grows: more scorers, or another device.',
    queries: [
      { expr: `sum by (instance) (${ofDaemon('auscult_queue_windows')})`, legend: '{{instance}}: queued' },
      { expr: `sum by (instance) (${ofDaemon('auscult_windows_in_flight')})`, legend: '{{instance}}: in flight' },
    ],
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Windows in a batch',
    description:
      'How many windows are scored at once. Large batches are cheap for each window, and mean that much comes at a time.',
    queries: [
      { expr: quantile(0.99, 'auscult_batch_windows'), legend: 'p99' },
      {
        expr: `sum(${rate(ofDaemon('auscult_batch_windows_sum'))}) / sum(${rate(ofDaemon('auscult_batch_windows_count'))})`,
        legend: 'mean',
      },
    ],
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Scoring a batch',
    description: 'Seconds that the model takes for one batch.',
    queries: quantiles('auscult_scoring_seconds', 99, 50),
    unit: 's',
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Scorer threads by device',
    description:
      'What the scorer threads compute on. A line of a GPU that falls, and that of the CPU that rises: it was lost.',
    queries: [{ expr: `sum by (device) (${ofDaemon('auscult_scorer_device')})`, legend: '{{device}}' }],
    decimals: 0,
    min: 0,
    width: 8,
  }),
]

const process = [
  lines({
    title: 'Processor',
    description: 'Cores kept busy: 1 is one core all the time.',
    queries: [{ expr: rate(ofDaemon('process_cpu_seconds_total')), legend: '{{instance}}' }],
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Memory',
    description: 'Resident: all of it. Heap: objects of the program. Outside: arrays, mostly windows on their way.',
    queries: [
      { expr: ofDaemon('process_resident_memory_bytes'), legend: '{{instance}}: resident' },
      { expr: ofDaemon('nodejs_heap_size_used_bytes'), legend: '{{instance}}: heap' },
      { expr: ofDaemon('nodejs_external_memory_bytes'), legend: '{{instance}}: outside' },
    ],
    unit: 'bytes',
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Delay of the event loop',
    description: 'How late the daemon is to answer anybody. Scoring does not hold it up: it has threads of its own.',
    queries: [
      { expr: ofDaemon('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}}: p99' },
      { expr: ofDaemon('nodejs_eventloop_lag_p50_seconds'), legend: '{{instance}}: p50' },
    ],
    unit: 's',
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Garbage collection',
    description: 'Part of the time that the event loop waits for it.',
    queries: [
      { expr: `sum by (instance) (${rate(ofDaemon('nodejs_gc_duration_seconds_sum'))})`, legend: '{{instance}}' },
    ],
    unit: 'percentunit',
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Open files',
    description: 'Files and connections that are open.',
    queries: [{ expr: ofDaemon('process_open_fds'), legend: '{{instance}}' }],
    min: 0,
    width: 8,
  }),
  states({
    title: 'Parts',
    description: 'Parts of the daemon as /readyz sees them.',
    queries: [{ expr: ofDaemon('auscult_component_ok'), legend: '{{instance}}: {{component}}' }],
    words: words({ 0: ['does not work', RED], 1: ['works', GREEN] }),
    width: 8,
  }),
]

const store = [
  lines({
    title: 'Events kept',
    description: 'Events in the store. Retention holds the number down.',
    queries: [{ expr: ofDaemon('auscult_store_events'), legend: '{{instance}}' }],
    min: 0,
    width: 8,
  }),
  lines({
    title: 'On the disk',
    description: 'Bytes of the event store, and of clips and explanations. Both have a bound in the configuration.',
    queries: [
      { expr: ofDaemon('auscult_store_bytes'), legend: '{{instance}}: events' },
      { expr: ofDaemon('auscult_evidence_bytes'), legend: '{{instance}}: evidence' },
    ],
    unit: 'bytes',
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Writing to the store',
    description: 'Seconds until events are safe on the disk. No window counts as done before that.',
    queries: quantiles('auscult_store_append_seconds', 99, 50),
    unit: 's',
    min: 0,
    width: 8,
  }),
]

const people = [
  lines({
    title: 'WebSocket clients',
    description: 'Live pages and programs that listen.',
    queries: [{ expr: ofDaemon('auscult_websocket_clients'), legend: '{{instance}}' }],
    min: 0,
    width: 12,
  }),
  lines({
    title: 'What clients did not get',
    description:
      'Each second: scores and pictures that slow clients missed, pictures that were not made, to bound the work. Events are never missed.',
    queries: [
      { expr: `sum(${rate(ofDaemon('auscult_websocket_unsent_scores_total'))})`, legend: 'scores not sent' },
      { expr: `sum(${rate(ofDaemon('auscult_websocket_unsent_views_total'))})`, legend: 'pictures not sent' },
      { expr: `sum(${rate(ofDaemon('auscult_views_skipped_total'))})`, legend: 'pictures not made' },
    ],
    unit: 'cps',
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Connections that ended',
    description:
      'Each second: connections that were closed or refused, by reason, and messages that were answered with an error.',
    queries: [
      { expr: `sum by (reason) (${rate(ofDaemon('auscult_websocket_closed_total'))})`, legend: 'closed: {{reason}}' },
      { expr: `sum by (reason) (${rate(ofDaemon('auscult_websocket_refused_total'))})`, legend: 'refused: {{reason}}' },
      { expr: `sum(${rate(ofDaemon('auscult_websocket_errors_total'))})`, legend: 'errors' },
    ],
    unit: 'cps',
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Webhooks',
    description: 'Attempts to deliver each second, by outcome. Nothing where no webhook is configured.',
    queries: [
      {
        expr: `sum by (webhook, outcome) (${rate(ofDaemon('auscult_webhook_deliveries_total'))})`,
        legend: '{{webhook}}: {{outcome}}',
      },
    ],
    unit: 'cps',
    none: 'No webhook',
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Events that wait',
    description:
      'Events that a webhook or Kafka has yet to get. They are kept; a line that stays above 0 says that nobody takes them.',
    queries: [
      { expr: ofDaemon('auscult_webhook_lag_events'), legend: '{{instance}}: webhook {{webhook}}' },
      { expr: ofDaemon('auscult_kafka_lag_events'), legend: '{{instance}}: Kafka' },
    ],
    none: 'Neither webhook nor Kafka',
    min: 0,
    width: 8,
  }),
]

const scraping = [
  lines({
    title: 'Scraping',
    description: 'Seconds that Prometheus takes to fetch the metrics of a daemon.',
    queries: [{ expr: ofDaemon('scrape_duration_seconds'), legend: '{{instance}}' }],
    unit: 's',
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Series',
    description:
      'Series that a daemon exposes, and sources above metrics.max_sources: these have no series of their own.',
    queries: [
      { expr: ofDaemon('scrape_samples_scraped'), legend: '{{instance}}: series' },
      { expr: ofDaemon('auscult_metrics_sources_omitted'), legend: '{{instance}}: sources left out' },
    ],
    min: 0,
    width: 8,
  }),
  table({
    title: 'Versions',
    description: 'What runs where.',
    width: 8,
    height: 8,
    sortBy: 'Running for',
    columns: [
      { title: 'Daemon', label: 'instance' },
      { title: 'Version', label: 'version' },
      { title: 'Model', label: 'bundle' },
      { title: 'Node', label: 'node' },
      {
        title: 'Running for',
        expr: `max by (instance, version, bundle, node) (${ofDaemon('auscult_build_info')} * on (instance) group_left () (time() - ${ofDaemon('process_start_time_seconds')}))`,
        properties: [...unit('s', 0), ...coloured([null, 'orange'], [300, GREEN])],
      },
    ],
  }),
]

export const daemonHealth = dashboard({
  uid: UIDS.health,
  title: 'Auscult / Daemon health',
  description: 'Whether the daemons themselves are well: speed, memory, store, clients, webhooks.',
  from: 'now-3h',
  sources: 'none',
  sections: [
    { title: 'Now', panels: now },
    { title: 'Speed', panels: speed },
    { title: 'Process', panels: process },
    { title: 'Store', panels: store },
    { title: 'People and webhooks', panels: people },
    { title: 'Scraping', panels: scraping },
  ],
})
