import { AuscultError } from '../../errors.ts'
import { sizeOf } from './frontend.ts'

/**
 * @throws AUSCULT_INPUT_SHAPE when the window has not the size of `shape`, AUSCULT_NON_FINITE with the first place that holds
 * NaN or an infinite value
 */
export function checkWindow(window: Float32Array, shape: readonly number[]): void {
  checkLength(window, shape)
  checkFinite(window, shape)
}

/** @throws AUSCULT_INPUT_SHAPE when the window has not the size of `shape` */
export function checkLength(window: Float32Array, shape: readonly number[]): void {
  const size = sizeOf(shape)
  if (window.length === size) return
  throw new AuscultError(
    'AUSCULT_INPUT_SHAPE',
    `the window holds ${window.length} values, the model takes ${size} (${shape.join(' × ')})`,
    { remedy: 'Give windows of the length or shape that the front end of the configuration declares.' },
  )
}

/** The exponent bits of a float32; all ones in NaN and infinite values, which is quicker to see than by Number.isFinite. */
const EXPONENT = 0x7f800000

/** @throws AUSCULT_NON_FINITE with the first place that holds NaN or an infinite value */
export function checkFinite(values: Float32Array, shape: readonly number[]): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i] & EXPONENT) !== EXPONENT) continue
    throw new AuscultError('AUSCULT_NON_FINITE', `the value is ${values[i]}`, {
      at: shape.length === 1 ? `sample ${i}` : `position [${position(i, shape).join(', ')}]`,
      remedy: 'Remove the recording, or repair it: NaN and infinite values cannot be analysed.',
    })
  }
}

/** Row-major coordinates of a flat index. */
function position(index: number, shape: readonly number[]): number[] {
  let rest = index
  return shape
    .toReversed()
    .map(n => {
      const coordinate = rest % n
      rest = Math.floor(rest / n)
      return coordinate
    })
    .toReversed()
}
