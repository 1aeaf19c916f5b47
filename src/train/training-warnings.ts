import { counted } from './counted.ts'
import type { Bootstrap } from './retrain.ts'
import type { TrainingResult } from './trainer.ts'

/** Why training ended before its time, whose weights are kept, and what to try. */
export function divergenceWarning({ divergence, bestEpoch }: TrainingResult): string[] {
  if (!divergence) return []
  return [`${divergence.at}: ${divergence.message}; the weights of epoch ${bestEpoch} are kept. ${divergence.remedy}`]
}

/** Retrainings that failed or were not made. */
export function bootstrapWarning(bootstrap: Bootstrap | null, wanted: number): string[] {
  if (!bootstrap) return []
  const failed = bootstrap.runs.filter(({ error }) => error !== null)
  const missing = wanted - bootstrap.runs.length
  return [
    ...(failed.length ? [`${counted(failed.length, 'retraining')} of ${wanted} failed: ${failed[0].error}`] : []),
    ...(missing ? [`${counted(missing, 'retraining')} of ${wanted} not made, since they were interrupted`] : []),
  ]
}
