import { z } from '../../config.ts'
import type { Pca } from '../clusters/pca.ts'
import { pack32, unpack32 } from '../packed.ts'
import { COMPONENTS } from './principal.ts'

/** Version of the layout. A reader refuses any other. */
const MAP_FORMAT = 1

/** `map.json` of a bundle: where the latents of `latents.bin` lie on the map, in their order. */
const schema = z.strictObject({
  format: z.literal(MAP_FORMAT),
  method: z.enum(['umap', 'pca']),
  dimensions: z.literal(2),
  seed: z.number().int(),
  /** Of UMAP; null where principal components are the map. */
  options: z
    .strictObject({
      neighbors: z.number().int().min(2),
      min_dist: z.number(),
      epochs: z.number().int(),
    })
    .nullable(),
  /** Base64 of little-endian float32, `[n × 2]`. */
  places: z.string(),
  /** Principal components of the latents, for the map in three dimensions. */
  pca: z.strictObject({
    mean: z.array(z.number()),
    components: z.array(z.array(z.number())).max(COMPONENTS),
    explained_variance: z.array(z.number()),
    explained_variance_ratio: z.array(z.number()),
  }),
  /** `[n]`: file and first sample (or frame), `file@offset`. */
  windows: z.array(z.string()),
  /** `[n]`: id of the cluster; null where there was none. */
  clusters: z.array(z.number().int().nullable()),
  /** Base64 of little-endian float32, `[n]`. */
  scores: z.string(),
})

type MapFile = z.infer<typeof schema>

/** The map of training latents: UMAP or the first two principal components. */
export interface BundleMap {
  readonly method: 'umap' | 'pca'
  readonly seed: number
  readonly options: MapFile['options']
  /** `[n × 2]` */
  readonly places: Float32Array
  readonly pca: Pca
  /** `[n]` each. */
  readonly windows: readonly string[]
  readonly clusters: readonly (number | null)[]
  readonly scores: Float32Array
}

export function mapToJson({ method, seed, options, places, pca, windows, clusters, scores }: BundleMap): MapFile {
  return {
    format: MAP_FORMAT,
    method,
    dimensions: 2,
    seed,
    options,
    places: pack32(places),
    pca: { ...pca },
    windows: [...windows],
    clusters: [...clusters],
    scores: pack32(scores),
  }
}

/**
 * @param raw parsed JSON
 * @param n number of latents in the bundle
 * @param dimensions length of a latent
 * @throws Error saying what is wrong with it
 */
export function mapFromJson(raw: unknown, n: number, dimensions: number): BundleMap {
  const result = schema.safeParse(raw)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new Error(`${issue.path.join('.') || 'the file'}: ${issue.message}`)
  }
  const { method, seed, options, pca, windows, clusters } = result.data
  const places = floatsOf(result.data, 'places')
  const scores = floatsOf(result.data, 'scores')
  const lengths = {
    places: places.length / 2,
    windows: windows.length,
    clusters: clusters.length,
    scores: scores.length,
  }
  for (const [name, length] of Object.entries(lengths)) {
    if (length !== n) throw new Error(`${name}: there are ${length} for ${n} latents`)
  }
  if ([pca.mean, ...pca.components].some(vector => vector.length !== dimensions)) {
    throw new Error(`pca: its vectors are not of ${dimensions} values`)
  }
  if (method === 'umap' && !options) throw new Error('options: UMAP has some')
  return { method, seed, options, places, pca, windows, clusters, scores }
}

function floatsOf(file: MapFile, name: 'places' | 'scores'): Float32Array {
  const values = unpack32(file[name])
  if (!values) throw new Error(`${name}: they are not finite numbers`)
  return values
}
