import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { positive } from './options.ts'

/** Principal components in place of a network (Pearson 1901; the error of their reconstruction as score: Shyu et al. 2003). */
export const pcaSchema = z.strictObject({
  type: z.literal('pca').describe('principal components, computed from training items without any gradient'),
  components: z
    .union([positive, z.number().gt(0).lt(1)])
    .default(0.95)
    .describe('how many; or, below 1, as many as exceed this share of the variance of training items'),
  whiten: z.boolean().default(false).describe('bring each value of the latent to variance 1'),
  items: positive
    .min(2)
    .max(20000)
    .default(2000)
    .describe('training items that they are computed from, at most; evenly chosen'),
})

export type PcaConfig = z.infer<typeof pcaSchema>

/** @throws AUSCULT_SHAPE when more components are asked for than features have values */
export function checkPca({ components }: PcaConfig, featureShape: readonly number[]): void {
  const size = sizeOf(featureShape)
  if (components < 1 || components <= size) return
  throw new AuscultError(
    'AUSCULT_SHAPE',
    `${featureShape.join('×')} features of ${size} values have no ${components} principal components`,
    { at: 'architecture.components', remedy: `Ask for at most ${size}, or for a share of the variance, 0.95 say.` },
  )
}
