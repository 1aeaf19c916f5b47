import type { Bundle } from '../../model/bundle.ts'
import type { EvaluationReport } from '../evaluation-report/report.ts'
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
  return { evaluation, created, roc, map: mapOf(items, bundle) }
}

function mapOf(items: readonly Item[], bundle: Bundle): EvaluationReport['map'] {
  if (items.length < 3 || items[0].latent.length < 2) return null
  const isUmap = bundle.map?.method === 'umap'
  const { places, dimensions } = placesOf(items, isUmap ? 'map' : 'pca2', bundle)
  const step = Math.max(1, items.length / SHOWN)
  const shown = Array.from({ length: Math.min(items.length, SHOWN) }, (_, i) => Math.floor(i * step))
  const coordinates = {
    x: shown.map(i => places[i * dimensions]),
    y: shown.map(i => places[i * dimensions + 1]),
    shown,
  }
  const axes = isUmap
    ? (['first coordinate of UMAP', 'second coordinate'] as const)
    : (['first component', 'second component'] as const)
  return { name: isUmap ? UMAP : COMPONENTS, axes, ...coordinates }
}

const UMAP =
  'The map of the bundle (UMAP of training latents). Each item lies among the training latents that it is most like, however far it is from them.'
const COMPONENTS = 'The first two principal components of the latents of these items.'
