import { AuscultError } from '../../errors.ts'

/** The graph holds each frame's step of each layer, and compiling it takes ONNX Runtime time by the square of that: a minute for so many. */
const MOST_FRAMES = 256

/**
 * Features as a sequence of frames, for recurrent networks.
 * @param type of the architecture, for errors
 * @throws AUSCULT_SHAPE when they are none, or too long a one
 */
export function sequenceOf(type: string, featureShape: readonly number[]): { frames: number; bins: number } {
  const [frames, ...rest] = featureShape
  if (rest.length === 0) {
    throw new AuscultError(
      'AUSCULT_SHAPE',
      `${type} reads frame after frame, and features of ${frames} hold no frames`,
      {
        at: 'architecture',
        remedy: 'Set front_end.stack: null, and front_end.crop to the frames of a sequence.',
      },
    )
  }
  if (frames > MOST_FRAMES) {
    throw new AuscultError('AUSCULT_SHAPE', `a sequence of ${frames} frames is too long; ${MOST_FRAMES} are possible`, {
      at: 'architecture',
      remedy: 'Cut sequences out of the window with front_end.crop, say 32, or take a shorter window.',
    })
  }
  return { frames, bins: rest.reduce((product, n) => product * n, 1) }
}
