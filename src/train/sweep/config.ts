import { z } from '../../config.ts'

const count = z.number().int().positive()

/** Options of `sweep:` in a training configuration. */
export const sweepSchema = z.strictObject({
  parameters: z
    .record(z.string().min(1), z.array(z.unknown()).min(1))
    .refine(lists => Object.keys(lists).length > 0, 'give at least one option with its values')
    .describe('Options by their path, each with the values that it takes; whole sections may be values')
    .meta({ example: { 'training.learning_rate': [0.001, 0.0003] } }),
  method: z
    .enum(['grid', 'random'])
    .default('grid')
    .describe('Every combination, or n of them drawn at random, none twice'),
  n: count.default(10).describe('Combinations that random draws'),
  seed: z.number().int().min(0).default(0).describe('Another seed, other draws'),
  parallel: count
    .nullable()
    .default(null)
    .describe('Processes at once; null: one for each core, or a single one where a GPU computes'),
  labels: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'CSV of "file,label" lines of recordings that each model is evaluated on; the table is then sorted by ROC-AUC',
    ),
  aggregate: z.enum(['mean', 'max']).default('mean').describe('Score of a labelled file from its windows'),
})

export type SweepConfig = z.infer<typeof sweepSchema>
