import { number } from '../app/format.js'
import { meantBy, plural, untilText } from '../episodes/words.js'

/** What can be decided, as filters name it. */
export const ACTIONS = {
  'episode.acknowledged': 'acknowledged',
  false_alarm: 'false alarm',
  muted: 'muted',
  unmuted: 'mute ended',
  'mute.expired': 'mute over',
  'cluster.labelled': 'cluster named',
  'threshold.set': 'threshold set',
  'threshold.reset': 'threshold given up',
  recalibrated: 'calibrated anew',
  'recalibration.reverted': 'calibration taken back',
}

const POLICIES = {
  percentile: ({ value }) => `percentile ${value}`,
  target_fpr: ({ value }) => `false positive rate ${value}`,
  gamma: ({ quantile }) => `gamma quantile ${quantile}`,
  spot: ({ q }) => `SPOT with risk ${q}`,
  value: ({ value }) => `fixed at ${value}`,
}

/** A threshold policy in words. */
export function policyText(policy) {
  const known = POLICIES[policy.policy]
  return known ? known(policy) : policy.policy
}

/**
 * What was decided, in words. Logs of later versions may hold more than is known here.
 * @param {object} decision of the audit log
 * @param {(cluster: number) => string} nameOf
 * @returns {{ what: string, before?: string, after?: string }} `what` about what; the others where something has another value now
 */
export function decisionWords(decision, nameOf) {
  const { action, source, cluster, before, after } = decision
  const about = source === '' ? 'all sources' : source
  switch (action) {
    case 'threshold.set':
    case 'threshold.reset':
      return { what: `threshold of ${about}`, before: thresholdText(before), after: thresholdText(after) }
    case 'episode.acknowledged':
      return { what: `saw an episode of ${about}` }
    case 'cluster.labelled':
      return { what: `named cluster ${cluster}`, before: labelText(before), after: labelText(after) }
    case 'muted':
      return { what: `muted ${meantBy(after, nameOf)}`, after: untilText(after) }
    case 'false_alarm':
      return {
        what: `called an episode of ${about} a false alarm`,
        after: `${meantBy(after, nameOf)} is muted ${untilText(after)}`,
      }
    case 'unmuted':
      return {
        what: `ended the mute of ${meantBy(before, nameOf)}`,
        after: `it muted ${plural(before.episodes, 'episode')}`,
      }
    case 'mute.expired':
      return {
        what: `the mute of ${meantBy(before, nameOf)} is over`,
        after: `it muted ${plural(before.episodes, 'episode')}`,
      }
    case 'recalibrated':
      return { what: `calibrated ${about} anew`, ...thresholds(before, after) }
    case 'recalibration.reverted':
      return { what: `took the calibration of ${about} back`, ...thresholds(before, after) }
    default:
      return { what: `${action} ${about}` }
  }
}

/** The same as one sentence. */
export function decisionSentence(decision, nameOf) {
  const { what, before, after } = decisionWords(decision, nameOf)
  if (before !== undefined) return `${what}: ${before} → ${after}`
  return after === undefined ? what : `${what}: ${after}`
}

function thresholdText(side) {
  if (!side) return 'none of its own'
  return side.threshold === undefined
    ? policyText(side.policy)
    : `${policyText(side.policy)} (${number(side.threshold)})`
}

const labelText = side => side?.label ?? 'no name'

const thresholds = (before, after) => ({
  before: `threshold ${number(before?.threshold)}`,
  after: number(after?.threshold),
})
