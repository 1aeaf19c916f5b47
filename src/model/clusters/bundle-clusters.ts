import { z } from '../../config.ts'
import { clustersSchema } from './config.ts'

/** `clusters.json` of a bundle: the clusters that training found, from which each daemon goes on. */
export const bundleClustersSchema = z.strictObject({
  config: clustersSchema,
  /** What `snapshot` of the fitted clusterer gave; `restoreClusterer` reads it. */
  clusterer: z.unknown(),
  /** What `snapshot` of Exemplars gave: the training windows that show what each cluster is like. */
  exemplars: z.unknown(),
})

export type BundleClusters = z.infer<typeof bundleClustersSchema>
