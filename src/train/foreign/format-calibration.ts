import { formatDuration } from '../../progress.ts'
import { counted } from '../counted.ts'
import { formatNumber } from '../report/axis.ts'
import type { CalibrateSummary } from './calibrate-model.ts'

/** What `auscult calibrate` prints. */
export function formatCalibration(summary: CalibrateSummary): string {
  const { latent, clusters, map, run } = summary
  const bottleneck = latent.name ?? 'no latent named, error profile'
  return [
    `bundle      ${summary.bundle}`,
    `input       ${summary.layout}`,
    `recordings  ${summary.recordings}, ${counted(summary.windows, 'window')}`,
    ...(summary.detector
      ? [`score       ${summary.detector.type} on ${summary.detector.on}; ${summary.detector.kept}`]
      : []),
    `threshold   ${formatNumber(summary.threshold)} (99.5th percentile of their scores)`,
    `latents     ${bottleneck} (${latent.size}), ${clusters === null ? 'no clusters' : counted(clusters, 'cluster')}, ${map === null ? 'no map' : `mapped by ${map === 'umap' ? 'UMAP' : 'PCA'}`}`,
    `time        ${formatDuration(summary.seconds)} on ${summary.device}`,
    `report      ${summary.bundle}/report.html`,
    `run with    ${'model' in run ? `model: ${run.model}` : `bundle: ${run.bundle}`}`,
  ].join('\n')
}
