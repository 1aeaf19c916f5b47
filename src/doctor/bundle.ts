import { AuscultError, messageOf } from '../errors.ts'
import { loadScorer } from '../model/bundle-scorer.ts'
import { bundleFolder } from '../model/foreign/bundle-folder.ts'
import { type Check, missing, ok } from './check.ts'
import type { Needs } from './needs.ts'

/** Loads the model as the daemon does, its golden windows included. */
export async function checkBundle({ model, engine }: Pick<Needs, 'model' | 'engine'>): Promise<Check[]> {
  if (!model) return [missing('bundle', false, 'no bundle is configured')]
  try {
    const folder = await bundleFolder(model)
    const scorer = await loadScorer(folder, engine)
    const { device } = scorer
    await scorer.close()
    return [ok('bundle', `${folder} loads, and scores on ${device} as when it was trained`)]
  } catch (error) {
    if (!(error instanceof AuscultError)) return [missing('bundle', true, `it does not load: ${messageOf(error)}`)]
    const { at, message, remedy } = error
    return [missing('bundle', true, at ? `${at}: ${message}` : message, remedy)]
  }
}
