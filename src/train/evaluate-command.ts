import { checkConfig } from '../config.ts'
import { AuscultError } from '../errors.ts'
import type { Device, EngineName, Precision } from '../model/engine.ts'
import { type ThresholdPolicy, thresholdSchema } from '../model/threshold.ts'
import { createProgress } from '../progress.ts'
import { parseThreshold, THRESHOLDS } from '../threshold-text.ts'
import { evaluateBundle } from './evaluate.ts'
import type { ClusterOptions } from './evaluation/clusters.ts'
import type { EvaluateOptions, Evaluation } from './evaluation/evaluation.ts'
import type { FractionBy } from './evaluation/fractions.ts'
import { formatEvaluation } from './format-evaluation.ts'

/** Options of `auscult evaluate` as the command line has them. */
export interface EvaluateFlags
  extends Pick<
    EvaluateOptions,
    'labels' | 'per' | 'aggregate' | 'hopSeconds' | 'maxFpr' | 'machine' | 'compare' | 'report' | 'seed'
  > {
  threshold?: string
  clusters?: ClusterOptions['method']
  k?: ClusterOptions['k']
  space?: ClusterOptions['space']
  fraction?: boolean
  fractionBy?: FractionBy
  engine: EngineName
  device: Device
  precision: Precision | 'all'
  threads: number
}

/** @throws AUSCULT_USAGE and AUSCULT_CONFIG for options that do not fit, and what evaluateBundle throws */
export async function runEvaluateCommand(
  bundle: string,
  paths: readonly string[],
  flags: EvaluateFlags,
): Promise<{ evaluation: Evaluation; text: string }> {
  const {
    engine,
    device,
    precision: wanted,
    threads,
    threshold,
    clusters,
    k,
    space,
    fraction,
    fractionBy,
    ...rest
  } = flags
  if (!clusters && (k !== undefined || space)) {
    throw new AuscultError('AUSCULT_USAGE', '--k and --space say how --clusters groups', {
      remedy: 'Add --clusters kmeans, gmm or denstream.',
    })
  }
  const comparePrecisions = wanted === 'all'
  const precision = comparePrecisions ? 'fp32' : wanted
  const evaluation = await evaluateBundle({
    bundle,
    paths,
    ...rest,
    threshold: threshold === undefined ? undefined : thresholdPolicy(threshold),
    clusters: clusters && { method: clusters, k, space },
    fraction: fractionBy ?? (fraction ? 'all' : undefined),
    engine: { engine, device, precision, threads },
    comparePrecisions,
    progress: createProgress(),
  })
  return { evaluation, text: formatEvaluation(evaluation) }
}

/** `policy:value` of the command line as the configuration has it. */
const thresholdPolicy = (text: string): ThresholdPolicy =>
  checkConfig(parseThreshold(text), thresholdSchema, `--threshold ${text}`, `Write ${THRESHOLDS}.`)
