import { dashboard } from './dashboard.ts'
import { AMBER, BLUE, badFrom, GREEN, plain, RED, thresholds, words, worse } from './looks.ts'
import { lines, stat, states } from './panels.ts'
import { bySource, inRange, ofSource, orZero, RATIO, rate } from './queries.ts'
import { UIDS } from './uids.ts'

const EPISODE = `${ofSource('auscult_episode_open')} + 2 * ${ofSource('auscult_episode_muted')}`
const SILENT_FOR = `time() - ${bySource(ofSource('auscult_source_last_window_timestamp_seconds'))}`

const now = [
  stat({
    title: 'State',
    description: 'Whether an episode is open. Of several sources: the worst.',
    queries: [{ expr: `max(${EPISODE})` }],
    words: words({ 0: ['normal', GREEN], 1: ['anomalous', RED], 2: ['muted', AMBER] }),
    thresholds: thresholds(GREEN, [1, RED]),
    width: 4,
  }),
  stat({
    title: 'Score ÷ threshold',
    description: 'Of the latest window: above 1 it is anomalous. Of several sources: the highest.',
    queries: [{ expr: `max(${RATIO})` }],
    decimals: 2,
    thresholds: worse(0.9, 1),
    line: true,
    width: 4,
  }),
  stat({
    title: 'Episodes',
    description: 'Episodes that opened in the time shown, muted ones too.',
    queries: [{ expr: `sum(${inRange(ofSource('auscult_episodes_total'))})` }],
    decimals: 0,
    thresholds: plain(),
    width: 4,
  }),
  stat({
    title: 'Last window',
    description: 'Since when nothing came, by the clock of the daemon. Of several sources: the longest.',
    queries: [{ expr: `max(${SILENT_FOR})` }],
    unit: 's',
    decimals: 0,
    thresholds: worse(60, 300),
    width: 4,
  }),
  stat({
    title: 'Stability index',
    description:
      'How far recent scores are from those of the calibration: up to 0.1 the same, from 0.25 another population.',
    queries: [{ expr: `max(${ofSource('auscult_drift_psi')})` }],
    decimals: 2,
    thresholds: worse(0.1, 0.25),
    line: true,
    width: 4,
  }),
  stat({
    title: 'Windows lost',
    description:
      'Received, but neither scored nor on their way: dropped or failed, since the daemon started. 0 is good.',
    queries: [
      {
        expr: `sum(${ofSource('auscult_windows_received_total')} - ${ofSource('auscult_windows_scored_total')} - ${ofSource('auscult_windows_in_flight')})`,
      },
    ],
    decimals: 0,
    thresholds: badFrom(1),
    width: 4,
  }),
]

const scores = [
  lines({
    title: 'Score and threshold',
    description:
      'The latest score at each scrape, and the threshold above which a window is anomalous (dashed). The live page shows every window.',
    queries: [
      { expr: bySource(ofSource('auscult_score')), legend: '{{source}}' },
      { expr: bySource(ofSource('auscult_threshold')), legend: '{{source}} threshold' },
    ],
    limit: '/ threshold$/',
    min: 0,
    width: 24,
    height: 11,
  }),
  states({
    title: 'What was the matter',
    description: 'Episodes, troubles of the feed itself (silence, flat line, clipping, wrong rate, down) and drift.',
    queries: [
      { expr: bySource(EPISODE), legend: '{{source}}: episode' },
      {
        expr: `max by (source, condition) (${ofSource('auscult_source_condition')}) * 3`,
        legend: '{{source}}: {{condition}}',
      },
      {
        expr: `max by (source, kind, direction) (${ofSource('auscult_drifting')}) * 4`,
        legend: '{{source}}: {{kind}} drifts {{direction}}',
      },
    ],
    words: words({
      0: ['normal', 'transparent'],
      1: ['anomalous', RED],
      2: ['muted', AMBER],
      3: ['trouble', 'purple'],
      4: ['drift', BLUE],
    }),
    width: 24,
  }),
]

const drift = [
  lines({
    title: 'Level of normal scores',
    description:
      'Geometric mean of recent scores that were normal. It should stay where it is; a slow climb is drift or wear.',
    queries: [{ expr: bySource(ofSource('auscult_score_level')), legend: '{{source}}' }],
    width: 12,
  }),
  lines({
    title: 'Stability index',
    description:
      'Population stability index of recent scores against the calibration: up to 0.1 the same, from 0.25 another population.',
    queries: [{ expr: bySource(ofSource('auscult_drift_psi')), legend: '{{source}}' }],
    thresholds: worse(0.1, 0.25),
    limits: true,
    min: 0,
    width: 12,
  }),
]

const feed = [
  lines({
    title: 'Windows',
    description: 'What came and what became of it, each second.',
    queries: [
      { expr: `sum(${rate(ofSource('auscult_windows_received_total'))})`, legend: 'received' },
      { expr: `sum(${rate(ofSource('auscult_windows_scored_total'))})`, legend: 'scored' },
      { expr: `sum(${rate(ofSource('auscult_windows_suppressed_total'))})`, legend: 'anomalous, but in a cool-down' },
    ],
    unit: 'cps',
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Windows lost, by reason',
    description:
      'Windows that were dropped or could not be scored, each second. No line: none were, since the daemon started.',
    queries: [
      {
        expr: `sum by (source, reason) (${rate(ofSource('auscult_windows_dropped_total'))})`,
        legend: '{{source}}: dropped, {{reason}}',
      },
      {
        expr: `sum by (source, reason) (${rate(ofSource('auscult_windows_failed_total'))})`,
        legend: '{{source}}: failed, {{reason}}',
      },
    ],
    unit: 'cps',
    min: 0,
    none: 'None',
    width: 12,
  }),
  lines({
    title: 'Since the last window',
    description: 'Seconds since something came. A line that climbs is a feed that is silent.',
    queries: [{ expr: SILENT_FOR, legend: '{{source}}' }],
    unit: 's',
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Breaks in the feed',
    description:
      'In the time of a point: places where data were missing, windows that came late, and times that the feed began anew.',
    queries: [
      {
        expr: bySource(`increase(${ofSource('auscult_source_gaps_total')}[$__rate_interval])`, 'sum'),
        legend: '{{source}}: gaps',
      },
      {
        expr: bySource(`increase(${ofSource('auscult_windows_late_total')}[$__rate_interval])`, 'sum'),
        legend: '{{source}}: late windows',
      },
      {
        expr: bySource(`increase(${ofSource('auscult_source_restarts_total')}[$__rate_interval])`, 'sum'),
        legend: '{{source}}: began anew',
      },
    ],
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Waiting in the daemon',
    description:
      'Windows that wait to be scored, and all whose outcome is open. A queue that only grows says that scoring is too slow.',
    queries: [
      { expr: bySource(ofSource('auscult_queue_windows'), 'sum'), legend: '{{source}}: queued' },
      { expr: bySource(ofSource('auscult_windows_in_flight'), 'sum'), legend: '{{source}}: in flight' },
    ],
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Waiting at the origin',
    description: 'Messages of Kafka or files of a folder that are not read yet. Microphones have no such number.',
    queries: [{ expr: bySource(ofSource('auscult_source_lag'), 'sum'), legend: '{{source}}' }],
    min: 0,
    none: 'No source with a backlog',
    width: 12,
  }),
  lines({
    title: 'Mutes',
    description: 'Episodes that opened and were muted, in the time of a point. They alert nobody.',
    queries: [
      {
        expr: orZero(`sum(increase(${ofSource('auscult_episodes_muted_total')}[$__rate_interval]))`),
        legend: 'muted episodes',
      },
      { expr: `sum(increase(${ofSource('auscult_episodes_total')}[$__rate_interval]))`, legend: 'all episodes' },
    ],
    min: 0,
    width: 24,
  }),
]

export const sourceDetail = dashboard({
  uid: UIDS.source,
  title: 'Auscult / Source',
  description: 'All about one source, or a few: choose them above.',
  from: 'now-1h',
  sources: 'one',
  sections: [
    { title: 'Now', panels: now },
    { title: 'Scores', panels: scores },
    { title: 'Drift', panels: drift },
    { title: 'Feed', panels: feed },
  ],
})
