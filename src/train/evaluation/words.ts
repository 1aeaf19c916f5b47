import type { Interval } from '../bootstrap-measures.ts'
import type { Agreement } from '../cluster-report.ts'
import type { Evaluation } from './evaluation.ts'

export function describePolicy({ threshold: { policy } }: Pick<Evaluation, 'threshold'>): string {
  switch (policy.policy) {
    case 'percentile':
      return `percentile ${policy.value} of held-out scores`
    case 'target_fpr':
      return `target FPR ${policy.value}`
    case 'gamma':
      return `gamma quantile ${policy.quantile}`
    case 'spot':
      return `spot, q ${policy.q}, as it starts`
    case 'value':
      return 'given'
  }
}

/** `speech 240, machine 3`, the most frequent first. */
export function describeCounts(counts: Readonly<Record<string, number>>, most: number): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a)
  const words = entries.slice(0, most).map(([name, n]) => `${name} ${n}`)
  return words.join(', ') + (entries.length > most ? ` and ${entries.length - most} more` : '')
}

export function describeAgreement(agreement: Agreement | null): string {
  if (!agreement) return 'not measured, since there are not two kinds'
  const { purity, adjusted_rand_index: ari, normalized_mutual_information: nmi, largest_class } = agreement
  const figures = [`purity ${purity.toFixed(4)}`, `ARI ${ari.toFixed(4)}`, `NMI ${nmi.toFixed(4)}`]
  return `${figures.join(', ')} (one cluster for all: purity ${largest_class.toFixed(4)})`
}

/** `(0.812 to 0.934)` */
export const formatInterval = ({ low, high }: Interval): string => `(${low.toFixed(3)} to ${high.toFixed(3)})`

/** A difference with its sign. */
export const formatSigned = (value: number): string => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(3)
