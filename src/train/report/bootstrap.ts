import type { Bootstrap } from '../retrain.ts'
import { formatNumber } from './axis.ts'
import { table } from './html.ts'
import { note } from './page.ts'
import { formatSpread } from './spread.ts'

/** Loss of each retraining, with mean and standard deviation. */
export function renderBootstrap({ runs, train_loss, validation_loss }: Bootstrap): string {
  const cell = (value: number | null) => (value === null ? '–' : formatNumber(value))
  const rows = runs.map(run => [
    String(run.seed),
    cell(run.train_loss),
    cell(run.validation_loss),
    run.error ?? `${run.epochs} epochs`,
  ])
  const mean = [train_loss, validation_loss].map(spread => (spread ? formatSpread(spread) : '–'))
  const words =
    'Each was trained anew on as many windows, drawn with replacement, from first weights of its own seed. Differences between models that are smaller than the deviation say nothing.'
  return (
    table(['Seed', 'Training loss', 'Validation loss', ''], [...rows, ['mean ± deviation', ...mean, '']]) + note(words)
  )
}
