import { thresholdText } from '../../threshold-text.ts'
import type { Screen } from '../outcome.ts'
import type { DecisionRow, MuteRow, PolicyRow } from '../rows.ts'
import { table } from '../table.ts'
import { shortTime } from '../time.ts'
import { meantBy } from './mutes.ts'
import { plural, score } from './numbers.ts'

export function auditText(decisions: readonly DecisionRow[], next: number | null, { columns, now }: Screen): string {
  if (decisions.length === 0) return 'nothing was decided yet'
  const rows = decisions.map(decision => [
    shortTime(decision.time, now),
    decision.who,
    decisionText(decision),
    decision.note ?? '',
  ])
  const lines = table(
    [{ title: 'WHEN' }, { title: 'WHO', cut: 'end' }, { title: 'WHAT', cut: 'end' }, { title: 'NOTE', cut: 'end' }],
    rows,
    columns,
  )
  return next === null ? lines : `${lines}\nmore: --before ${next}`
}

/** What was decided, in words. Logs of later versions may hold more than is known here. */
export function decisionText({ action, source, cluster, episode_id: episode, before, after }: DecisionRow): string {
  const about = source === '' ? 'all sources' : source
  switch (action) {
    case 'threshold.set':
      return `threshold of ${about}: ${policyOf(before) ?? 'none of its own'} → ${policyOf(after)}`
    case 'threshold.reset':
      return `threshold of ${about}: ${policyOf(before)} given up`
    case 'episode.acknowledged':
      return `saw ${episode}`
    case 'cluster.labelled':
      return `cluster ${cluster}: ${labelOf(before)} → ${labelOf(after)}`
    case 'muted':
      return `muted ${meantBy(after as MuteRow)} (${(after as MuteRow).id})`
    case 'false_alarm':
      return `false alarm: ${episode}, cluster ${cluster} (${(after as MuteRow).id})`
    case 'unmuted':
    case 'mute.expired': {
      const mute = before as MuteRow
      return `${mute.id} ${action === 'unmuted' ? 'ended' : 'is over'}: ${meantBy(mute)}, ${plural(mute.episodes, 'episode')} muted`
    }
    case 'recalibrated':
      return `${about} calibrated anew: threshold ${thresholds(before, after)}`
    case 'recalibration.reverted':
      return `calibration of ${about} taken back: threshold ${thresholds(before, after)}`
    default:
      return `${action} ${about}`
  }
}

function policyOf(side: unknown): string | undefined {
  return side === null ? undefined : thresholdText((side as { policy: PolicyRow }).policy)
}

function labelOf(side: unknown): string {
  return (side as { label: string | null }).label ?? 'no label'
}

function thresholds(before: unknown, after: unknown): string {
  const [was, is] = [before, after].map(side => score((side as { threshold: number }).threshold))
  return `${was} → ${is}`
}
