import { AuscultError } from '../../errors.ts'
import { sizeOf } from './frontend.ts'

/**
 * @throws AUSCULT_INPUT_SHAPE when the window has not the size of `shape`, AUSCULT_NON_FINITE with the first place that holds
 * NaN or an infinite value
 */
export function checkWindow(window: Float32Array, shape: readonly number[]): void {
  const size = sizeOf(shape)
  if (window.length !== size) {
    throw new AuscultError(
      'AUSCULT_INPUT_SHAPE',
      `the window holds ${window.length} values, the model takes ${size} (${shape.join(' × ')})`,
      { remedy: 'Give windows of the length or shape that the front end of the configuration declares.' },
    )
  }
  checkFinite(window, shape)
}

const EXPONENT_OVERFLOW = 0x00800000

/** @throws AUSCULT_NON_FINITE with the first place that holds NaN or an infinite value */
export function checkFinite(values: Float32Array, shape: readonly number[]): void {
  // A float is not finite when its exponent bits are all ones: then this sum overflows into the sign bit.
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  let overflow = 0
  for (let i = 0; i < bits.length; i++) overflow |= (bits[i] & 0x7fffffff) + EXPONENT_OVERFLOW
  if (overflow >= 0) return
  const index = values.findIndex(value => !Number.isFinite(value))
  throw new AuscultError('AUSCULT_NON_FINITE', `the value is ${values[index]}`, {
    at: shape.length === 1 ? `sample ${index}` : `position [${position(index, shape).join(', ')}]`,
    remedy: 'Remove the recording, or repair it: NaN and infinite values cannot be analysed.',
  })
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
