import { readConfig } from '../config.ts'
import { createProgress } from '../progress.ts'
import { type TrainConfig, trainConfigSchema } from './config.ts'
import { runTraining } from './train.ts'
import { formatTrainSummary } from './train-progress.ts'

export interface TrainCommandOptions {
  /** That the configuration was read from. */
  file: string
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
  if (config.sweep) {
    const { runSweep } = await import('./sweep/sweep.ts')
    const { formatSweep } = await import('./sweep/text.ts')
    const raw = readConfig(options.file, trainConfigSchema) as object
    const result = await runSweep(raw, { signal, resume, progress })
    return { result, text: formatSweep(result), failed: result.failed > 0 && result.done === 0 }
  }
  const { summary } = await runTraining(config, { signal, resume, progress })
  return { result: summary, text: formatTrainSummary(summary), failed: summary.ended === 'diverged' }
}
