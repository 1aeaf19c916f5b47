import type { Bundle } from '../../model/bundle.ts'
import type { EvaluationReport, NamedMap } from '../evaluation-report/report.ts'
import type { SpatialMap } from '../evaluation-report/turntable.ts'
import type { Evaluation } from './evaluation.ts'
import type { Gallery } from './gallery.ts'
import type { Item } from './items.ts'
import { placesOf } from './spaces.ts'

/** Points that a map shows at most. */
const SHOWN = 4000

/** Gathers what the report of an evaluation shows. */
export function reportOf(
  evaluation: Evaluation,
  items: readonly Item[],
  bundle: Bundle,
  gallery: Gallery,
): EvaluationReport {
  const created = `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const shown = evenly(items.length)
  return { evaluation, created, maps: mapsOf(items, shown, bundle), spatial: spatialOf(items, shown, bundle), gallery }
}

/** Of so many items those that are shown. */
function evenly(count: number): number[] {
  const step = Math.max(1, count / SHOWN)
  return Array.from({ length: Math.min(count, SHOWN) }, (_, i) => Math.floor(i * step))
}

function spatialOf(items: readonly Item[], shown: readonly number[], bundle: Bundle): SpatialMap | null {
  if (items.length < 3 || items[0].latent.length < 3) return null
  const { places } = placesOf(items, 'pca3', bundle)
  return { places: Float32Array.from(shown.flatMap(i => [...places.subarray(3 * i, 3 * i + 3)])), shown }
}

/** UMAP shows what items are like, components how far they are from the others. */
function mapsOf(items: readonly Item[], shown: readonly number[], bundle: Bundle): NamedMap[] {
  if (items.length < 3 || items[0].latent.length < 2) return []
  const mapOn = (space: 'map' | 'pca2', name: string, axes: NamedMap['axes']): NamedMap => {
    const { places } = placesOf(items, space, bundle)
    return { name, axes, x: shown.map(i => places[2 * i]), y: shown.map(i => places[2 * i + 1]), shown }
  }
  const components = mapOn('pca2', COMPONENTS, ['first component', 'second component'])
  if (bundle.map?.method !== 'umap') return [components]
  return [mapOn('map', UMAP, ['first coordinate of UMAP', 'second coordinate']), components]
}

const UMAP =
  'The map of the bundle (UMAP of training latents). Each item lies among the training latents that it is most like, however far it is from them.'
const COMPONENTS = 'The first two principal components of the latents of these items.'
