import { z } from '../../config.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { contracting, convolutionsOf } from './convolutions.ts'
import { activation, after, dropout, initializer, positive } from './options.ts'
import { checkChain, type LayerSpec } from './spec.ts'

/** Embedding in which machines, or any classes, lie in directions of their own: ArcFace (Deng et al. 2019). */
export const idEmbeddingSchema = z.strictObject({
  type: z.literal('id-embedding'),
  convolutions: convolutionsOf({ kernel: 3, padding: 1 })
    .nullable()
    .default(null)
    .describe('layers before pooling; null: none, which little data calls for'),
  pool: z
    .enum(['mean', 'none'])
    .default('mean')
    .describe('what the dense layers get: the mean over frames (with convolutions over the last map), or all of it'),
  hidden: z.array(positive).default([]).describe('units of dense layers before the embedding'),
  embedding: positive.default(128).describe('size of the embedding, which is the latent'),
  margin: z
    .number()
    .min(0)
    .max(1.5)
    .default(0.5)
    .describe('angle in radians by which an item must be nearer to the centre of its class than to others; 0: none'),
  scale: z.number().positive().default(64).describe('what cosines are multiplied by before the softmax'),
  subclusters: positive.default(1).describe('centres of each class, of which the nearest counts (Deng et al. 2020)'),
  mixup: z
    .boolean()
    .default(false)
    .describe('train on random mixtures of two items, and of their losses (Zhang et al. 2018, α = 1)'),
  batch_norm: z.boolean().default(true).describe('batch normalisation after each layer, the embedding included'),
  activation,
  dropout,
  initializer,
})

export type IdEmbeddingConfig = z.infer<typeof idEmbeddingSchema>

export interface IdEmbeddingSpec {
  /** Before pooling. */
  readonly maps: readonly LayerSpec[]
  /** The mean is taken over `positions` vectors of `size` values. */
  readonly positions: number
  readonly size: number
  /** From the mean to the embedding. */
  readonly dense: readonly LayerSpec[]
}

/** As PyTorch's: the few batches that there are make up the moving averages soon. */
const BATCH_NORM = { kind: 'batch-norm', momentum: 0.9, epsilon: 1e-5 } as const

/** @throws AUSCULT_SHAPE when convolutions do not fit */
export function idEmbedding(config: IdEmbeddingConfig, featureShape: readonly number[]): IdEmbeddingSpec {
  const { convolutions, pool, batch_norm, embedding } = config
  const follow = after(config).map(spec => (spec.kind === 'batch-norm' ? BATCH_NORM : spec))
  const around = { bias: !batch_norm, after: follow }
  // Flattening comes last, and is left out.
  const maps = convolutions ? contracting(convolutions, featureShape, around).slice(0, -1) : []
  const shape = checkChain(maps, { layer: 'features', shape: featureShape }).at(-1)!.shape
  const total = sizeOf(shape)
  // A plain vector has no positions, an image has those of its pixels.
  const wide = convolutions ? shape.at(-1)! : total / (shape.length > 1 ? shape[0] : 1)
  const size = pool === 'mean' ? wide : total
  const dense = config.hidden.flatMap((units): LayerSpec[] => [{ kind: 'dense', units, bias: !batch_norm }, ...follow])
  return {
    maps,
    positions: total / size,
    size,
    dense: [...dense, { kind: 'dense', units: embedding, bias: !batch_norm }, ...(batch_norm ? [BATCH_NORM] : [])],
  }
}
