import type { Bundle } from '../../model/bundle.ts'
import type { EvaluationReport, NamedMap } from '../evaluation-report/report.ts'
import { rocCurve } from '../metrics.ts'
import type { Evaluation } from './evaluation.ts'
import type { Item } from './items.ts'
import { labelledOf } from './measure.ts'
import { placesOf } from './spaces.ts'

/** Points that a map shows at most. */
const SHOWN = 4000

/** Gathers what the report of an evaluation shows. */
export function reportOf(evaluation: Evaluation, items: readonly Item[], bundle: Bundle): EvaluationReport {
  const { truth, values } = labelledOf(evaluation.scores)
  const roc = evaluation.roc_auc === null ? null : rocCurve(truth, values)
  const created = `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC`
  return { evaluation, created, roc, maps: mapsOf(items, bundle) }
}

/** UMAP shows what items are like, components how far they are from the others. */
function mapsOf(items: readonly Item[], bundle: Bundle): NamedMap[] {
  if (items.length < 3 || items[0].latent.length < 2) return []
  const step = Math.max(1, items.length / SHOWN)
  const shown = Array.from({ length: Math.min(items.length, SHOWN) }, (_, i) => Math.floor(i * step))
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
