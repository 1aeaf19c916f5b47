import { z } from '../../config.ts'

const count = z.number().int().positive()
const kOf = (how: string) =>
  z
    .union([count, z.literal('auto')])
    .default('auto')
    .describe(`Clusters to find in the training latents; auto tries 1 to max_k and ${how}`)

const bound = {
  max_clusters: count
    .max(1024)
    .default(64)
    .describe(
      'Most clusters at a time; a newcomer then takes the place of the lightest one that was neither trained nor labelled, or joins the nearest',
    ),
}

const seeded = {
  max_k: count.max(64).default(10).describe('Largest k that auto tries'),
  half_life: count
    .nullable()
    .default(null)
    .describe('Latents after which old ones weigh half; null keeps all of them alike'),
  radius_quantile: z
    .number()
    .gt(0)
    .max(1)
    .default(0.99)
    .describe('Quantile of the distances of training latents to their own centre that the radius is taken from'),
  radius_margin: z
    .number()
    .positive()
    .default(1.5)
    .describe('The radius is this many times that quantile; a latent outside every radius begins a new cluster'),
  birth_spread: z
    .number()
    .min(0)
    .lt(1)
    .default(0.33)
    .describe(
      'First radius of a new cluster as a part of its distance to the nearest one, if that is more than the usual radius',
    ),
  reach: z
    .number()
    .gt(0)
    .max(1)
    .default(0.4)
    .describe(
      'Part of the radius in which an anomalous window belongs to a cluster of mostly normal ones, or a normal one to a cluster of anomalous ones; farther out it begins a cluster of its own. Below 1, clusters of the two sorts are never merged',
    ),
  merge: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'Two clusters become one when their centres are closer than this part of the smaller radius; 0 never merges',
    ),
}

const kmeans = z.strictObject({
  method: z.literal('kmeans').describe('Centres that follow the mean of their latents'),
  k: kOf('takes the best silhouette'),
  ...seeded,
  ...bound,
})

const gmm = z.strictObject({
  method: z.literal('gmm').describe('Gaussians with covariances of their own, for clusters that are not round'),
  k: kOf('takes the least BIC'),
  covariance: z
    .enum(['full', 'diagonal'])
    .default('diagonal')
    .describe('Full follows correlations between latent dimensions, and needs many more latents than dimensions'),
  regularization: z
    .number()
    .positive()
    .default(1e-6)
    .describe('Added to each variance, as a part of the mean variance of the training latents'),
  ...seeded,
  ...bound,
})

const denstream = z
  .strictObject({
    method: z.literal('denstream').describe('Density with fading, for feeds whose normal moves (Cao et al., 2006)'),
    epsilon: z
      .union([z.number().positive(), z.literal('auto')])
      .default('auto')
      .describe(
        'Largest radius of a micro-cluster, in units of the latents; auto takes it from distances of training latents',
      ),
    mu: z.number().positive().default(10).describe('Weight of a dense micro-cluster'),
    beta: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe('A micro-cluster counts from beta × mu latents on; that must be more than 1'),
    lambda: z
      .number()
      .positive()
      .max(1)
      .default(0.0001)
      .describe('Fading: a latent weighs half after 1 / lambda others'),
    link: z
      .union([z.number().positive(), z.literal('auto')])
      .default('auto')
      .describe(
        'Dense micro-clusters are in reach of each other when their centres are closer than this many times their mean radius; auto takes what parts the training latents best',
      ),
    max_micro_clusters: count.max(4096).default(256).describe('Most micro-clusters at a time; the lightest gives way'),
    ...bound,
  })
  .refine(({ beta, mu }) => beta * mu > 1, { message: 'beta × mu must be more than 1', path: ['mu'] })
  .refine(({ max_clusters, max_micro_clusters }) => max_micro_clusters > max_clusters, {
    message: 'must be more than max_clusters',
    path: ['max_micro_clusters'],
  })

/** How latents are grouped. */
export const clustersSchema = z
  .discriminatedUnion('method', [kmeans, gmm, denstream])
  .prefault({ method: 'kmeans' })
  .describe('How latents are grouped, so that what was seen before is known again')

export type ClustersConfig = z.infer<typeof clustersSchema>
export type KMeansConfig = z.infer<typeof kmeans>
export type GmmConfig = z.infer<typeof gmm>
export type DenStreamConfig = z.infer<typeof denstream>
