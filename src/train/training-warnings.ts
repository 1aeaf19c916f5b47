import { counted } from './counted.ts'
import { formatNumber } from './report/axis.ts'
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

/** Below this share of their size, latents or scores do not differ. */
const COLLAPSED = 1e-3

/**
 * Deep SVDD's minimum is a network that maps everything onto one point: nothing is told apart then.
 * @param type of the architecture
 * @param latents of training items, `[items × dimensions]`
 * @param quantiles of held-out scores
 */
export function collapseWarning(
  type: string,
  { latents, dimensions }: { latents: Float32Array; dimensions: number },
  { quantiles }: { quantiles: readonly number[] },
): string[] {
  if (type !== 'deep-svdd') return []
  const [least, most] = [quantiles[0], quantiles[quantiles.length - 1]]
  if (most - least > COLLAPSED * most && relativeSpread(latents, dimensions) > COLLAPSED) return []
  return [
    `the network has collapsed: it maps all items onto one point (held-out scores are from ${formatNumber(least)} to ${formatNumber(most)}). Lower architecture.weight_decay, training.learning_rate or training.epochs, or set architecture.pretrain`,
  ]
}

/** Root mean square distance of rows from their mean, as a share of their root mean square size. */
function relativeSpread(rows: Float32Array, width: number): number {
  const n = rows.length / width
  const mean = new Float64Array(width)
  rows.forEach((value, i) => {
    mean[i % width] += value / n
  })
  const distance = rows.reduce((sum, value, i) => sum + (value - mean[i % width]) ** 2, 0)
  const size = rows.reduce((sum, value) => sum + value ** 2, 0)
  return size === 0 ? 0 : Math.sqrt(distance / size)
}
