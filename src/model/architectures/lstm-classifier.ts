import { z } from '../../config.ts'
import { dropout, initializer, positive } from './options.ts'
import { sequenceOf } from './sequence.ts'
import type { LayerSpec } from './spec.ts'

/** Classifier of sequences of frames. */
export const lstmClassifierSchema = z.strictObject({
  type: z.literal('lstm-classifier'),
  hidden: z.array(positive).min(1).default([64]).describe('units of the LSTM layers, one after the other'),
  bidirectional: z
    .boolean()
    .default(false)
    .describe('read in both directions: twice the states (Schuster and Paliwal 1997)'),
  pool: z
    .enum(['last', 'mean'])
    .default('last')
    .describe(
      'which states of the last layer tell the class: the last one, or the mean over all frames that are not masked',
    ),
  normal: z
    .array(z.string())
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'classes that are normal: the score is −ln of their probability; null: −ln of the probability of the likeliest class (Hendrycks and Gimpel 2017)',
    ),
  dropout,
  initializer,
})

export type LstmClassifierConfig = z.infer<typeof lstmClassifierSchema>

/** The layers of a classifier of sequences. */
export interface LstmClassifierSpec {
  readonly frames: number
  readonly bins: number
  /** From `[frames, bins]` to the last state, or to all of them where `pool` is mean. */
  readonly encoder: readonly LayerSpec[]
}

/** @throws AUSCULT_SHAPE when the features are no sequence of frames, or too long a one */
export function lstmClassifier(config: LstmClassifierConfig, featureShape: readonly number[]): LstmClassifierSpec {
  const { hidden, bidirectional, pool } = config
  const drop: LayerSpec[] = config.dropout ? [{ kind: 'dropout', rate: config.dropout }] : []
  const encoder = hidden.flatMap((units, i): LayerSpec[] => {
    const returns = i === hidden.length - 1 && pool === 'last' ? 'last' : 'sequence'
    return [...(i > 0 ? drop : []), { kind: 'lstm', units, returns, bidirectional }]
  })
  return { ...sequenceOf(config.type, featureShape), encoder }
}

/** From the pooled states to a value for each class. */
export const classifierHead = ({ dropout }: Pick<LstmClassifierConfig, 'dropout'>, classes: number): LayerSpec[] => [
  ...(dropout ? [{ kind: 'dropout', rate: dropout } as const] : []),
  { kind: 'dense', units: classes },
]
