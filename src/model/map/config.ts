import { z } from '../../config.ts'

/** How training makes the map. */
export const mapFitSchema = z.strictObject({
  method: z
    .enum(['umap', 'pca', 'none'])
    .default('umap')
    .describe('UMAP, the first two principal components, or no map; principal components are kept with every map'),
  neighbors: z
    .number()
    .int()
    .min(2)
    .max(200)
    .default(15)
    .describe('Latents, itself included, that UMAP takes for the surroundings of one: few show detail, many the whole'),
  min_dist: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('How close UMAP may put points; less packs groups more tightly'),
  points: z
    .number()
    .int()
    .min(2)
    .max(10_000)
    .default(2000)
    .describe('Training windows, evenly chosen, whose latents are kept in the bundle, grouped and mapped'),
})

export type MapFitConfig = z.infer<typeof mapFitSchema>
