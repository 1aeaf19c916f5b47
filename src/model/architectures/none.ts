import { z } from '../../config.ts'

/** No network: for detectors that look at features, see `score`. */
export const noneSchema = z.strictObject({
  type: z.literal('none').describe('no network: the mean of the training items is what is expected'),
})

/**
 * How the latent is made of features: the mean over `positions` vectors of `size` values. These are the frames of a spectrogram, whose
 * bands remain, or the pixels of an image, whose channels remain. A plain vector is its own latent.
 */
export function bandsOf(featureShape: readonly number[]): { positions: number; size: number } {
  const axes = [...featureShape]
  while (axes.length > 1 && axes.at(-1) === 1) axes.pop()
  const size = axes.at(-1)!
  return { positions: axes.reduce((product, n) => product * n, 1) / size, size }
}
