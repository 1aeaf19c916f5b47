import { AuscultError } from '../../errors.ts'
import type { Bundle } from '../../model/bundle.ts'
import { fitPca, project } from '../../model/clusters/pca.ts'
import { type Item, latentsOfItems } from './items.ts'

/** Where items are grouped: their latents, the map of the bundle, or principal components of the latents. */
export type Space = 'latent' | 'map' | 'pca2' | 'pca3'

export interface Places {
  readonly space: Space
  /** `[n × dimensions]` */
  readonly places: Float32Array
  readonly dimensions: number
}

/**
 * @throws AUSCULT_BUNDLE for `map` where the bundle has none, AUSCULT_INPUT_SHAPE for components of fewer than two items
 */
export function placesOf(items: readonly Item[], space: Space, bundle: Pick<Bundle, 'folder'>): Places {
  const { latents, dimensions } = latentsOfItems(items)
  if (space === 'latent') return { space, places: latents, dimensions }
  if (space === 'map') return mapOf(bundle)
  const components = Math.min(space === 'pca2' ? 2 : 3, dimensions)
  const pca = fitPca(latents, dimensions, components)
  const places = new Float32Array(items.length * components)
  for (const [i, { latent }] of items.entries()) places.set(project(pca, latent), i * components)
  return { space, places, dimensions: components }
}

/** @throws AUSCULT_BUNDLE where the bundle has none */
export function mapOf({ folder }: Pick<Bundle, 'folder'>): never {
  throw new AuscultError('AUSCULT_BUNDLE', 'the bundle has no map', {
    at: folder,
    remedy: 'Train again to have one, or take --space pca2.',
  })
}
