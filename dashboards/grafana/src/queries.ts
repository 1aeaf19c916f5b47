/** PromQL as the panels use it: of the daemons and sources that are chosen above them. */

const DAEMONS = 'instance=~"$instance"'
const SOURCES = `${DAEMONS}, source=~"$source"`

const selector = (metric: string, labels: string, more: string) => `${metric}{${labels}${more && `, ${more}`}}`

/** A metric that is the daemon's. @param more label matchers besides */
export const ofDaemon = (metric: string, more = ''): string => selector(metric, DAEMONS, more)

/** A metric of one source each. */
export const ofSource = (metric: string, more = ''): string => selector(metric, SOURCES, more)

/** By source, over the daemons that have had it: partitions wander. */
export const bySource = (vector: string, aggregate: 'sum' | 'max' | 'min' = 'max'): string =>
  `${aggregate} by (source) (${vector})`

/** A second, over what the panel's resolution asks for. */
export const rate = (series: string): string => `rate(${series}[$__rate_interval])`

/** Since the start of the range shown. */
export const inRange = (series: string): string => `increase(${series}[$__range])`

/** Of a histogram over all chosen daemons. @param by labels that it is kept apart by */
export const quantile = (q: number, histogram: string, ...by: string[]): string =>
  `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${rate(ofDaemon(`${histogram}_bucket`))}))`

/** A line for each of some quantiles, called p99 and so on. */
export const quantiles = (histogram: string, ...percents: number[]) =>
  percents.map(percent => ({ expr: quantile(percent / 100, histogram), legend: `p${percent}` }))

/** `vector`, or 0 where there is nothing. */
export const orZero = (vector: string): string => `(${vector}) or vector(0)`

/** What the score is in units of the threshold, by source. */
export const RATIO = bySource(`${ofSource('auscult_score')} / ${ofSource('auscult_threshold')}`)

/**
 * Only those sources of a vector `by (source)` that a number is highest of, over the whole range shown: a panel of 200 sources stays
 * readable, and its lines do not come and go. The number goes by the end of the range.
 */
export const highest = (n: number, vector: string, number: string): string =>
  `${vector} and on (source) topk(${n}, ${number})`

/** The largest value of a gauge in the range shown, by source. */
export const peak = (metric: string): string => bySource(`max_over_time(${ofSource(metric)}[$__range] @ end())`)

/** Windows that were dropped or failed in the range shown. */
export const LOST = ['dropped', 'failed']
  .map(what => `(sum(${inRange(ofSource(`auscult_windows_${what}_total`))}) or vector(0))`)
  .join(' + ')
