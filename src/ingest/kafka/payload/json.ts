import { AuscultError, messageOf } from '../../../errors.ts'
import { formatShape, sizeOfShape, splitIntoFrames } from '../../frames.ts'
import { invalid } from './message.ts'

/** An array as JSON nests it. */
type Nested = readonly unknown[]

/**
 * Reads a flat or nested array of numbers, or an object that holds one under `field`. Nested, it is one frame of `shape` or an array
 * of them; flat, it holds the values of one or more frames in row-major order. `null` counts as a value that is not finite.
 * @returns the values, a whole number of frames, and what the object holds under `timeField`
 * @throws AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE, AUSCULT_NON_FINITE
 */
export function readJsonArray(
  bytes: Buffer,
  shape: readonly number[],
  field: string,
  timeField: string | null,
  at: string,
): { values: Float32Array; time: unknown } {
  const root = parse(bytes, at)
  const array = Array.isArray(root) ? root : fieldOf(root, field, at)
  if (!Array.isArray(array)) throw invalid(at, `the field ${JSON.stringify(field)} is no array`)
  const time = timeField === null ? undefined : fieldOf(root, timeField, at)
  const size = sizeOfShape(shape)
  const nesting = shapeOf(array, shape.length + 1)
  if (nesting.length === 1 && array.length > 0 && array.length % size === 0)
    return { values: flatten([array], array.length, at), time }
  const { count } = splitIntoFrames(nesting, shape, at)
  return { values: flatten(rowsOf(array, nesting, at), count * size, at), time }
}

function parse(bytes: Buffer, at: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new AuscultError('AUSCULT_INPUT_INVALID', `not JSON: ${messageOf(cause).split('\n')[0].slice(0, 100)}`, {
      at,
      cause,
      remedy: "Compare the producer's messages with `payload`.",
    })
  }
}

function fieldOf(root: unknown, field: string, at: string): unknown {
  if (root !== null && typeof root === 'object' && !Array.isArray(root) && Object.hasOwn(root, field)) {
    return (root as Record<string, unknown>)[field]
  }
  throw invalid(at, `there is no field ${JSON.stringify(field)}`)
}

/** Lengths along the first element of each level, `[2, 3]` for `[[1, 2, 3], [4, 5, 6]]`, down to `depth` levels. */
function shapeOf(array: Nested, depth: number): number[] {
  const shape: number[] = []
  for (let level: unknown = array; Array.isArray(level) && shape.length <= depth; level = level[0])
    shape.push(level.length)
  return shape
}

/** The innermost arrays, in order. */
function rowsOf(array: Nested, shape: readonly number[], at: string): Nested[] {
  let level: Nested[] = [array]
  for (const length of shape.slice(1)) {
    level = level.flat(1) as Nested[]
    if (!level.every(row => Array.isArray(row) && row.length === length)) {
      throw new AuscultError('AUSCULT_INPUT_SHAPE', `the array is ragged: not everywhere ${formatShape(shape)}`, {
        at,
        remedy: 'Send rows of one length.',
      })
    }
  }
  return level
}

function flatten(rows: readonly Nested[], count: number, at: string): Float32Array {
  const values = new Float32Array(count)
  let i = 0
  for (const row of rows) {
    for (const value of row) {
      if (typeof value !== 'number' && value !== null) {
        throw invalid(at, `value ${i} is ${Array.isArray(value) ? 'an array' : `a ${typeof value}`}, no number`)
      }
      values[i++] = value ?? Number.NaN
    }
  }
  return values
}
