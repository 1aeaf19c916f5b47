import { dashboard } from './dashboard.ts'
import { AMBER, badFrom, GREEN, GREY, plain, RED, thresholds, words, worse } from './looks.ts'
import { heatmap, lines, stat, states } from './panels.ts'
import {
  bySource,
  highest,
  inRange,
  LOST,
  ofDaemon,
  ofSource,
  orZero,
  peak,
  quantile,
  quantiles,
  RATIO,
  rate,
} from './queries.ts'
import { coloured, leadsTo, table, unit } from './table.ts'
import { UIDS } from './uids.ts'

const MOST = 15

/** Peak score in units of the threshold, over the range shown. */
const PEAK_RATIO = `${peak('auscult_score')} / ${peak('auscult_threshold')}`
const EPISODE = `${ofSource('auscult_episode_open')} + 2 * ${ofSource('auscult_episode_muted')}`
/** Scrapes of the range shown in which it was open: more than none, for those that had one. */
const EPISODE_TIME = bySource(
  ['open', 'muted'].map(what => `sum_over_time(${ofSource(`auscult_episode_${what}`)}[$__range] @ end())`).join(' + '),
)
const EPISODES = bySource(inRange(ofSource('auscult_episodes_total')), 'sum')

const now = [
  stat({
    title: 'Open episodes',
    description: 'Sources that are anomalous now and not muted. 0 is good.',
    queries: [{ expr: `sum(${ofSource('auscult_episode_open')})` }],
    thresholds: badFrom(1),
    line: true,
    width: 4,
  }),
  stat({
    title: 'Sources',
    description: 'Feeds that are watched: microphones, folders, keys of a Kafka topic.',
    queries: [{ expr: `count(${bySource(ofSource('auscult_threshold'))})` }],
    thresholds: plain(),
    width: 4,
  }),
  stat({
    title: 'Sources not delivering',
    description: 'Feeds that are down, have failed or have ended: nobody listens to what they would show. 0 is good.',
    queries: [{ expr: `sum(1 - ${bySource(ofSource('auscult_source_up'))})` }],
    thresholds: badFrom(1),
    line: true,
    width: 4,
  }),
  stat({
    title: 'Windows a second',
    description: 'Windows (short pieces of sound, or frames) that are scored each second, over all sources.',
    queries: [{ expr: `sum(${rate(ofSource('auscult_windows_scored_total'))})` }],
    thresholds: plain(),
    decimals: 1,
    line: true,
    width: 4,
  }),
  stat({
    title: 'Time to a score',
    description: 'All but 1 in 100 windows had their score so soon after they came (p99), over all sources.',
    queries: [{ expr: quantile(0.99, 'auscult_window_latency_seconds') }],
    unit: 's',
    thresholds: worse(0.5, 1),
    line: true,
    width: 4,
  }),
  stat({
    title: 'Windows lost',
    description:
      'Windows that were dropped or could not be scored in the time shown. 0 is good; see Source for the reasons.',
    queries: [{ expr: LOST }],
    decimals: 0,
    thresholds: badFrom(1),
    width: 4,
  }),
]

const scores = [
  lines({
    title: 'Score ÷ threshold',
    description: `How unusual each source is: above 1 a window is anomalous. The ${MOST} sources with the highest peak in the time shown.`,
    queries: [{ expr: highest(MOST, RATIO, PEAK_RATIO), legend: '{{source}}' }],
    thresholds: thresholds(GREEN, [1, RED]),
    limits: true,
    many: true,
    min: 0,
    width: 24,
    height: 10,
  }),
  states({
    title: 'Episodes',
    description: `When each source was anomalous, and when it was but muted. The ${MOST} sources that were so for longest; empty is good.`,
    queries: [
      {
        expr: highest(MOST, bySource(EPISODE), `${EPISODE_TIME} > 0`),
        legend: '{{source}}',
      },
    ],
    words: words({ 0: ['normal', 'transparent'], 1: ['anomalous', RED], 2: ['muted', AMBER] }),
    none: 'No episode in the time shown',
    width: 24,
  }),
]

const history = [
  lines({
    title: 'Episodes opened',
    description: `New episodes by source, muted ones too. The ${MOST} sources with most of them.`,
    queries: [
      {
        expr: highest(
          MOST,
          `${bySource(`increase(${ofSource('auscult_episodes_total')}[$__rate_interval])`, 'sum')} > 0`,
          bySource(`increase(${ofSource('auscult_episodes_total')}[$__range] @ end())`, 'sum'),
        ),
        legend: '{{source}}',
      },
    ],
    bars: true,
    decimals: 0,
    min: 0,
    none: 'No episode in the time shown',
    width: 12,
  }),
  heatmap({
    title: 'Distribution of scores',
    description:
      'How many windows had which score, in units of the threshold: those above 1 are anomalous. Over all sources.',
    queries: [{ expr: `sum by (le) (increase(${ofDaemon('auscult_score_distribution_bucket')}[$__rate_interval]))` }],
    width: 12,
  }),
]

const sources = table({
  title: 'Sources',
  description: 'Every source as it is now. A click on the name leads to all about it.',
  width: 24,
  height: 12,
  sortBy: 'Score ÷ threshold',
  columns: [
    { title: 'Source', label: 'source', properties: leadsTo(UIDS.source, 'source', 'All about this source') },
    {
      title: 'Score ÷ threshold',
      expr: RATIO,
      properties: [...unit('short', 2), ...coloured([null, GREEN], [0.9, AMBER], [1, RED])],
    },
    {
      title: 'Open',
      expr: bySource(ofSource('auscult_episode_open')),
      properties: [
        { id: 'mappings', value: [words({ 0: ['no', GREY], 1: ['yes', RED] })] },
        ...coloured([null, GREY], [1, RED]),
      ],
    },
    { title: 'Episodes', expr: EPISODES, properties: unit('short', 0) },
    {
      title: 'Delivers',
      expr: bySource(ofSource('auscult_source_up')),
      properties: [
        { id: 'mappings', value: [words({ 0: ['no', RED], 1: ['yes', GREEN] })] },
        ...coloured([null, RED], [1, GREEN]),
      ],
    },
    {
      title: 'Last window',
      expr: `time() - ${bySource(ofSource('auscult_source_last_window_timestamp_seconds'))}`,
      properties: [...unit('s', 0), ...coloured([null, GREEN], [60, AMBER], [300, RED])],
    },
    {
      title: 'Stability index',
      expr: bySource(ofSource('auscult_drift_psi')),
      properties: [...unit('short', 2), ...coloured([null, GREEN], [0.1, AMBER], [0.25, RED])],
    },
    {
      title: 'Windows a second',
      expr: bySource(rate(ofSource('auscult_windows_scored_total')), 'sum'),
      properties: unit('short', 1),
    },
    {
      title: 'Windows lost',
      expr: bySource(
        `${inRange(ofSource('auscult_windows_dropped_total'))} or ${inRange(ofSource('auscult_windows_failed_total'))}`,
        'sum',
      ),
      properties: [...unit('short', 0), ...coloured([null, GREY], [1, RED])],
    },
  ],
})

const flow = [
  lines({
    title: 'Windows',
    description: 'What came and what became of it, each second. Scored should be as much as received.',
    queries: [
      { expr: `sum(${rate(ofSource('auscult_windows_received_total'))})`, legend: 'received' },
      { expr: `sum(${rate(ofSource('auscult_windows_scored_total'))})`, legend: 'scored' },
      { expr: orZero(`sum(${rate(ofSource('auscult_windows_dropped_total'))})`), legend: 'dropped' },
      { expr: orZero(`sum(${rate(ofSource('auscult_windows_failed_total'))})`), legend: 'failed' },
    ],
    unit: 'cps',
    min: 0,
    width: 12,
  }),
  lines({
    title: 'Time to a score',
    description:
      'Seconds from the arrival of a window to its score: half of the windows are quicker than p50, 99 of 100 than p99.',
    queries: quantiles('auscult_window_latency_seconds', 99, 50),
    unit: 's',
    min: 0,
    width: 12,
  }),
]

export const overview = dashboard({
  uid: UIDS.overview,
  title: 'Auscult / Overview',
  description: 'Which sources are anomalous, now and lately, and whether everything is listened to.',
  from: 'now-3h',
  sources: 'all',
  sections: [
    { title: 'Now', panels: now },
    { title: 'What is unusual', panels: [...scores, ...history] },
    { title: 'Sources', panels: [sources] },
    { title: 'Flow', panels: flow },
  ],
})
