import { AuscultError } from '../errors.ts'

/** A sequence of equally shaped frames, before anything is checked. */
export interface Frames {
  readonly count: number
  readonly shape: readonly number[]
  read(i: number): Float32Array
}

export const sizeOfShape = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)

export const formatShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/**
 * How many frames of the declared shape an array is: `[n, …shape]` is n, exactly `shape` is one. Without a declared shape the whole is one frame.
 * @throws AUSCULT_INPUT_SHAPE
 */
export function splitIntoFrames(
  array: readonly number[],
  declared: readonly number[] | undefined,
  at: string,
): { count: number; shape: readonly number[] } {
  if (!declared) return { count: 1, shape: array }
  const equal = (a: readonly number[]) => a.length === declared.length && a.every((n, i) => n === declared[i])
  if (equal(array)) return { count: 1, shape: declared }
  if (equal(array.slice(1))) return { count: array[0], shape: declared }
  throw new AuscultError('AUSCULT_INPUT_SHAPE', `the array has shape ${formatShape(array)}`, {
    at,
    remedy: `Frames of ${formatShape(declared)} are wanted: an array of that shape, or of [n, ${declared.join(', ')}].`,
  })
}
