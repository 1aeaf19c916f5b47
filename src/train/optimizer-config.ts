import { z } from '../config.ts'

const decay = (of: string, usual: number) =>
  z
    .number()
    .min(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe(`decay of ${of}; null: as in the source of the architecture, ${usual} for most`)

/** The optimisers, with PyTorch's defaults. */
export const optimizerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('adam'),
    beta1: decay('the mean of gradients', 0.9),
    beta2: decay('the mean of squared gradients', 0.999),
    epsilon: z.number().positive().default(1e-8),
  }),
  z.strictObject({
    type: z.literal('sgd'),
    momentum: z.number().min(0).lt(1).default(0.9).describe('share of the last step that is kept'),
  }),
])

export type OptimizerConfig = z.infer<typeof optimizerSchema>
