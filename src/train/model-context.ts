import { hasDecoder } from '../model/architectures/without-decoder.ts'
import type { ModelContext } from '../model/families/model.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import type { TrainConfig } from './config.ts'
import { countComponents } from './count-components.ts'
import { meanItem } from './mean-item.ts'
import type { Prepared } from './prepare.ts'

/** What a model is built for, but for the seed. */
export async function modelContext(
  { architecture, training }: TrainConfig,
  { frontEnd: { featureShape }, train, classes }: Prepared,
): Promise<Omit<ModelContext, 'seed'>> {
  return {
    featureShape,
    loss: training.loss,
    ...(!hasDecoder(architecture.type) && { expected: await meanItem(train, sizeOf(featureShape)) }),
    ...(architecture.type === 'pca' && {
      components: await countComponents(architecture, train, sizeOf(featureShape)),
    }),
    ...(classes && { classWeights: classes.weights, classes: classes.names }),
  }
}
