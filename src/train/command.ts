import { createProgress } from '../progress.ts'
import type { TrainConfig } from './config.ts'
import { runTraining } from './train.ts'
import { formatTrainSummary } from './train-progress.ts'

export interface TrainCommandOptions {
  signal: AbortSignal
  resume?: boolean
  overfitOneBatch?: boolean
}

export interface CommandResult {
  /** What --json prints. */
  result: object
  text: string
  /** Whether the command ends with 1 though there is a result. */
  failed: boolean
}

/** What `auscult train` does with its configuration. */
export async function runTrainCommand(config: TrainConfig, options: TrainCommandOptions): Promise<CommandResult> {
  const { signal, resume } = options
  const progress = createProgress()
  if (options.overfitOneBatch) {
    const { formatOverfit, overfitOneBatch } = await import('./overfit-batch.ts')
    const result = await overfitOneBatch(config, { signal, progress })
    return { result, text: formatOverfit(result), failed: result.verdict !== 'learns' }
  }
  const { summary } = await runTraining(config, { signal, resume, progress })
  return { result: summary, text: formatTrainSummary(summary), failed: summary.ended === 'diverged' }
}
