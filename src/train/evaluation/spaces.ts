import { AuscultError } from '../../errors.ts'
import type { Bundle } from '../../model/bundle.ts'
import { fitPca, project } from '../../model/clusters/pca.ts'
import { createPlacer } from '../../model/map/place.ts'
import { type Item, latentsOfItems } from './items.ts'

/** Where items are grouped: their latents, the map of the bundle, or principal components of the latents. */
export type Space = 'latent' | 'map' | 'pca2' | 'pca3'

type MapOfBundle = Pick<Bundle, 'folder' | 'map' | 'latents'>

export interface Places {
  readonly space: Space
  /** `[n × dimensions]` */
  readonly places: Float32Array
  readonly dimensions: number
}

/**
 * Principal components are those of the items themselves, so that what is not like the training latents has room.
 * @throws AUSCULT_BUNDLE for `map` where the bundle has none, AUSCULT_INPUT_SHAPE for components of fewer than two items
 */
export function placesOf(items: readonly Item[], space: Space, bundle: MapOfBundle): Places {
  const { latents, dimensions } = latentsOfItems(items)
  if (space === 'latent') return { space, places: latents, dimensions }
  if (space === 'map') {
    const place = createPlacer(checkMap(bundle), bundle.latents, dimensions)
    return { space, ...placed(items, 2, place) }
  }
  const components = Math.min(space === 'pca2' ? 2 : 3, dimensions)
  const pca = fitPca(latents, dimensions, components)
  return { space, ...placed(items, components, latent => project(pca, latent)) }
}

function placed(items: readonly Item[], dimensions: number, place: (latent: Float32Array) => Float32Array) {
  const places = new Float32Array(items.length * dimensions)
  for (const [i, { latent }] of items.entries()) places.set(place(latent), i * dimensions)
  return { places, dimensions }
}

/** @throws AUSCULT_BUNDLE where the bundle has none */
export function checkMap({ folder, map }: MapOfBundle): NonNullable<Bundle['map']> {
  if (map) return map
  throw new AuscultError('AUSCULT_BUNDLE', 'the bundle has no map', {
    at: folder,
    remedy: 'Train again to have one, or take --space pca2.',
  })
}
