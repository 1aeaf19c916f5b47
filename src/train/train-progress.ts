import { formatDuration, type Progress } from '../progress.ts'
import type { EpochRecord } from './checkpoint.ts'
import { counted } from './counted.ts'
import { formatNumber } from './report/axis.ts'
import { formatSpread } from './report/spread.ts'
import type { TrainSummary } from './train.ts'
import type { StepReport, TrainingResult } from './trainer.ts'

/** The bar: epoch, loss, samples per second, time left. */
export function reportStep(progress: Progress, report: StepReport): void {
  const { epoch, epochs, phase, step, steps, loss, samplesPerSecond, secondsLeft } = report
  const rate = samplesPerSecond ? [`${Math.round(samplesPerSecond).toLocaleString('en')} samples/s`] : []
  progress.update({
    title: `${phase === null ? '' : `${phase}, `}epoch ${epoch}/${epochs}`,
    done: step,
    total: steps,
    details: [`loss ${formatNumber(loss)}`, ...rate],
    secondsLeft,
  })
}

/** One line per epoch where there is no bar. @param epochs null where nothing follows gradients */
export function reportEpoch(progress: Progress, record: EpochRecord, isBest: boolean, epochs: number | null): void {
  const { epoch, phase, loss, validation_loss, learning_rate, seconds } = record
  if (epochs === null) {
    progress.plain(`computed, without gradients · loss ${formatNumber(loss)} · ${seconds.toFixed(1)} s`)
    return
  }
  const parts = [
    `epoch ${epoch}/${epochs}`,
    phase ?? '',
    `loss ${formatNumber(loss)}`,
    validation_loss === null ? '' : `validation ${formatNumber(validation_loss)}`,
    `learning rate ${formatNumber(learning_rate)}`,
    `${seconds.toFixed(1)} s`,
    isBest ? 'best so far' : '',
  ]
  progress.plain(parts.filter(Boolean).join(' · '))
}

/** The bar of retrainings: which, and its epoch. */
export function reportRetraining(
  progress: Progress,
  at: { run: number; n: number; epoch: number },
  epochs: number,
): void {
  const { run, n, epoch } = at
  const details = [`epoch ${epoch}/${epochs}`]
  progress.update({ title: `retraining ${run}/${n}`, done: (run - 1) * epochs + epoch, total: n * epochs, details })
}

/** Why training ended, in words. */
export const ENDED: Record<TrainingResult['ended'], string> = {
  epochs: 'all epochs done',
  computed: 'computed at once',
  'early-stopping': 'the loss stood still',
  interrupted: 'interrupted',
  diverged: 'it diverged',
}

/** What an interrupted run has not replaced, and how to go on. */
export const describeUntouched = ({ untouched, checkpoint }: TrainSummary): string =>
  `${untouched} was left as it was${checkpoint ? '; --resume goes on' : ''}`

function epochsLine({ epochs, ended, best_epoch, best_loss }: TrainSummary): string {
  const loss = `loss ${formatNumber(best_loss)}`
  return ended === 'computed'
    ? `epochs     none: nothing is trained by gradients; ${loss}`
    : `epochs     ${epochs} (${ENDED[ended]}), best ${best_epoch} with ${loss}`
}

/** What `auscult train` prints at its end. */
export function formatTrainSummary(summary: TrainSummary): string {
  const { recordings, windows, clusters, map, bootstrap } = summary
  const { train_loss, validation_loss } = bootstrap ?? {}
  return [
    `model      ${summary.bundle}`,
    ...(summary.untouched ? [`kept       ${describeUntouched(summary)}`] : []),
    `recordings ${recordings.train} trained on, ${recordings.validation} for validation, ${recordings.calibration} for calibration, ${recordings.dropped} left out`,
    `windows    ${windows.train} trained on, ${windows.validation} for validation, ${windows.calibration} for calibration`,
    epochsLine(summary),
    ...(bootstrap && train_loss
      ? [
          `bootstrap  training loss ${formatSpread(train_loss)}${validation_loss ? `, validation loss ${formatSpread(validation_loss)}` : ''} (${bootstrap.runs.length} retrainings)`,
        ]
      : []),
    `threshold  ${formatNumber(summary.threshold)} (99.5th percentile of held-out scores)`,
    `latents    ${clusters === null ? 'no clusters' : counted(clusters, 'cluster')}, ${map === null ? 'no map' : `mapped by ${map === 'umap' ? 'UMAP' : 'PCA'}`}`,
    `time       ${formatDuration(summary.seconds)} on ${summary.device}`,
    `report     ${summary.bundle}/report.html`,
  ].join('\n')
}
