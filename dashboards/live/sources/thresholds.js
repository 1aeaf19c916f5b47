import { moment, number } from '../app/format.js'

/** A threshold policy in words. */
export function policyText(policy) {
  switch (policy.policy) {
    case 'value':
      return `fixed at ${number(policy.value)}`
    case 'percentile':
      return `percentile ${policy.value} of normal windows`
    case 'target_fpr':
      return `exceeded by ${number(policy.value)} of normal windows`
    case 'gamma':
      return `gamma quantile ${policy.quantile}`
    case 'spot':
      return `SPOT, follows the scores (q ${policy.q})`
    default:
      return policy.policy
  }
}

/** What is in force for a source: `{ policy, own, text }`, from the answer of /v1/thresholds. */
export function inForce({ configured, all, sources }, name) {
  const own = sources.find(each => each.source === name)
  const choice = own ?? all
  const policy = choice?.policy ?? configured
  const by = choice
    ? `set by ${choice.who}, ${moment(choice.at)}${own ? '' : ', for all sources'}${choice.note ? `: ${choice.note}` : ''}`
    : 'as configured'
  return { policy, own, text: `${capital(policyText(policy))}, ${by}` }
}

const capital = text => text.charAt(0).toUpperCase() + text.slice(1)

/** How many of the points of a series from `from` to `to` (ms) lie above a threshold, and how many there are. */
export function countAbove(series, from, to, threshold) {
  let above = 0
  const first = series.indexAt(from)
  let i = first
  for (; i < series.length && series.end(i) <= to; i++) if (series.score(i) > threshold) above++
  return { above, of: i - first }
}
