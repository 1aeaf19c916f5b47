import { z } from '../config.ts'

/** The optimisers, with PyTorch's defaults. */
export const optimizerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('adam'),
    beta1: z.number().min(0).lt(1).default(0.9).describe('decay of the mean of gradients'),
    beta2: z.number().min(0).lt(1).default(0.999).describe('decay of the mean of squared gradients'),
    epsilon: z.number().positive().default(1e-8),
  }),
  z.strictObject({
    type: z.literal('sgd'),
    momentum: z.number().min(0).lt(1).default(0.9).describe('share of the last step that is kept'),
  }),
])

export type OptimizerConfig = z.infer<typeof optimizerSchema>
