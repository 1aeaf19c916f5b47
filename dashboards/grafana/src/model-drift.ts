import { dashboard } from './dashboard.ts'
import { AMBER, BLUE, badFrom, GREEN, plain, RED, thresholds, words, worse } from './looks.ts'
import { heatmap, lines, stat, states } from './panels.ts'
import { bySource, highest, inRange, ofDaemon, ofSource, orZero, peak, quantiles, rate } from './queries.ts'
import { UIDS } from './uids.ts'

const MOST = 15
const DAY = 86_400

/** Part of the windows whose score was above the threshold, from the histogram's bucket that ends there. */
const ABOVE = (range: string) =>
  `1 - sum(increase(${ofDaemon('auscult_score_distribution_bucket', 'le="1"')}[${range}])) / sum(increase(${ofDaemon('auscult_score_distribution_count')}[${range}]))`

const DRIFTS = ofSource('auscult_drifting')

const now = [
  stat({
    title: 'Model',
    description: 'Name of the bundle that scores, as it was trained.',
    queries: [{ expr: ofDaemon('auscult_build_info'), legend: '{{bundle}}' }],
    name: true,
    width: 4,
  }),
  stat({
    title: 'Age of the model',
    description: 'Since it was trained. Machines change: retrain a model that is older than a season.',
    queries: [{ expr: `time() - min(${ofDaemon('auscult_bundle_created_timestamp_seconds')})` }],
    unit: 's',
    decimals: 1,
    thresholds: worse(60 * DAY, 90 * DAY),
    width: 4,
  }),
  stat({
    title: 'Windows above the threshold',
    description:
      'Part of all windows in the time shown. A good model has few: about 1 in 1000, where nothing is wrong.',
    queries: [{ expr: ABOVE('$__range') }],
    unit: 'percentunit',
    decimals: 2,
    thresholds: worse(0.01, 0.1),
    width: 4,
  }),
  stat({
    title: 'Sources that drift',
    description: 'Sources whose scores are slowly becoming others. Recalibrate them, or retrain.',
    queries: [{ expr: orZero(`count(${bySource(ofSource('auscult_drifting'))} > 0)`) }],
    thresholds: badFrom(1),
    line: true,
    width: 4,
  }),
  stat({
    title: 'Clusters',
    description: 'Groups of windows that are alike, which the daemon knows again. New ones are new kinds of sound.',
    queries: [{ expr: `max(${ofDaemon('auscult_clusters')})` }],
    thresholds: plain(),
    width: 4,
  }),
  stat({
    title: 'Mutes in force',
    description: 'Sources and clusters that somebody has muted: their episodes are kept, but alert nobody.',
    queries: [{ expr: `sum(${ofDaemon('auscult_mutes')})` }],
    thresholds: thresholds(GREEN, [1, AMBER]),
    width: 4,
  }),
]

const scores = [
  heatmap({
    title: 'Distribution of scores',
    description:
      'How many windows had which score, in units of the threshold. The bright band should stay where it is, well below 1.',
    queries: [{ expr: `sum by (le) (increase(${ofDaemon('auscult_score_distribution_bucket')}[$__rate_interval]))` }],
    width: 12,
    height: 9,
  }),
  lines({
    title: 'Scores in units of the threshold',
    description:
      'Half of the windows are below p50, 99 of 100 below p99. Interpolated within the buckets of the histogram.',
    queries: quantiles('auscult_score_distribution', 99, 90, 50),
    thresholds: badFrom(1),
    limits: true,
    min: 0,
    width: 12,
    height: 9,
  }),
  lines({
    title: 'Windows above the threshold',
    description:
      'Part of the windows that were anomalous. If it rises for weeks while the machines are well, the model is out of date.',
    queries: [{ expr: ABOVE('$__rate_interval'), legend: 'above the threshold' }],
    unit: 'percentunit',
    min: 0,
    width: 24,
    height: 6,
  }),
]

const drift = [
  lines({
    title: 'Stability index',
    description: `Population stability index of recent scores against the calibration: up to 0.1 the same, from 0.25 another population. The ${MOST} highest.`,
    queries: [
      { expr: highest(MOST, bySource(ofSource('auscult_drift_psi')), peak('auscult_drift_psi')), legend: '{{source}}' },
    ],
    thresholds: worse(0.1, 0.25),
    limits: true,
    many: true,
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Level ÷ threshold',
    description: `Geometric mean of recent normal scores in units of the threshold: how near normal comes to alarm. The ${MOST} highest.`,
    queries: [
      {
        expr: highest(
          MOST,
          bySource(`${ofSource('auscult_score_level')} / ${ofSource('auscult_threshold')}`),
          `${peak('auscult_score_level')} / ${peak('auscult_threshold')}`,
        ),
        legend: '{{source}}',
      },
    ],
    thresholds: badFrom(1),
    limits: true,
    many: true,
    min: 0,
    width: 12,
  }),
  states({
    title: 'Drift',
    description: 'Which sources drift: by their level, or by the whole distribution of their scores. Empty is good.',
    queries: [
      {
        expr: `max by (source, kind, direction) (${DRIFTS})`,
        legend: '{{source}}: {{kind}} {{direction}}',
      },
    ],
    words: words({ 1: ['drifts', BLUE] }),
    none: 'No source drifts',
    width: 12,
  }),
  lines({
    title: 'Level that was absorbed',
    description: `Factor by which a lasting level above the threshold was taken as the new normal; 1: none. The ${MOST} highest.`,
    queries: [
      {
        expr: highest(MOST, bySource(ofSource('auscult_level_factor')), peak('auscult_level_factor')),
        legend: '{{source}}',
      },
    ],
    many: true,
    width: 12,
  }),
]

const latents = [
  lines({
    title: 'Clusters',
    description: 'How many there are. A number that only grows says that nothing is like what was before.',
    queries: [{ expr: ofDaemon('auscult_clusters'), legend: '{{instance}}' }],
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Clusters born and merged',
    description: 'In the time of a point. A birth is a kind of sound that was not known.',
    queries: [
      { expr: `sum(increase(${ofDaemon('auscult_cluster_births_total')}[$__rate_interval]))`, legend: 'born' },
      { expr: `sum(increase(${ofDaemon('auscult_cluster_merges_total')}[$__rate_interval]))`, legend: 'merged' },
    ],
    bars: true,
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Latents refused',
    description: 'Latent vectors that were not finite, each second: the model cannot cope with what it got. 0 is good.',
    queries: [{ expr: `sum(${rate(ofDaemon('auscult_latents_refused_total'))})`, legend: 'refused' }],
    unit: 'cps',
    thresholds: thresholds(GREEN, [0.001, RED]),
    min: 0,
    width: 8,
  }),
  lines({
    title: 'Explanations',
    description: 'Windows that were explained, each second; left out because the scorers were busy; failed.',
    queries: [
      { expr: `sum(${rate(ofDaemon('auscult_explanations_total'))})`, legend: 'explained' },
      { expr: `sum(${rate(ofDaemon('auscult_explanations_skipped_total'))})`, legend: 'left out' },
      { expr: `sum(${rate(ofDaemon('auscult_explanations_failed_total'))})`, legend: 'failed' },
    ],
    unit: 'cps',
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Latent map',
    description: 'Windows that were placed on the map, each second, and those that were not, to bound the rate.',
    queries: [
      { expr: `sum(${rate(ofDaemon('auscult_map_placed_total'))})`, legend: 'placed' },
      { expr: `sum(${rate(ofDaemon('auscult_map_skipped_total'))})`, legend: 'left out' },
    ],
    unit: 'cps',
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Muted episodes',
    description:
      'Part of the new episodes that were muted, over the time shown. Much: tune the threshold, or retrain with what is muted.',
    queries: [
      {
        expr: `sum(${inRange(ofSource('auscult_episodes_muted_total'))}) / (sum(${inRange(ofSource('auscult_episodes_total'))}) > 0)`,
        legend: 'muted',
      },
    ],
    unit: 'percentunit',
    none: 'No episode in the time shown',
    min: 0,
    max: 1,
    width: 24,
    height: 6,
  }),
]

export const modelDrift = dashboard({
  uid: UIDS.model,
  title: 'Auscult / Model and drift',
  description: 'Whether the model still fits the machines: scores against the threshold, drift, clusters.',
  from: 'now-24h',
  sources: 'all',
  sections: [
    { title: 'Now', panels: now },
    { title: 'Scores', panels: scores },
    { title: 'Drift', panels: drift },
    { title: 'What windows are like', panels: latents },
  ],
})
