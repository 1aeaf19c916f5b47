/**
 * Lazy transposition. A traced value keeps its elements in a *physical* order that may differ from the *logical* order of its
 * shape: physical axis i holds logical axis `perm[i]`. Convolutions give channels-first values to a channels-last program, and
 * element-wise operations, reductions and further convolutions take them as they are, so that hardly a transposition is emitted.
 */
export type Perm = readonly number[]

export const identity = (rank: number): Perm => Array.from({ length: rank }, (_, i) => i)

export const isIdentity = (perm: Perm): boolean => perm.every((axis, i) => axis === i)

export const samePerm = (a: Perm, b: Perm): boolean => a.length === b.length && a.every((axis, i) => axis === b[i])

/** Applies a permutation to a shape: the physical shape of a logical one. */
export const permute = <T>(shape: readonly T[], perm: Perm): T[] => perm.map(axis => shape[axis])

/** The permutation that turns physical order `from` into physical order `to`. */
export const between = (from: Perm, to: Perm): Perm => to.map(axis => from.indexOf(axis))

/** Whether two orders of the same shape differ only in where axes of length 1 stand, so that a reshape is enough. */
export function sameMemory(shape: readonly number[], a: Perm, b: Perm): boolean {
  const long = (perm: Perm) => perm.filter(axis => shape[axis] !== 1)
  return samePerm(long(a), long(b))
}

/**
 * The physical order after a reshape that only adds or removes axes of length 1, or undefined for any other reshape.
 * The new unit axes go where they keep the order valid: in front.
 */
export function reshapePerm(from: readonly number[], perm: Perm, to: readonly number[]): Perm | undefined {
  const longFrom = identity(from.length).filter(axis => from[axis] !== 1)
  const longTo = identity(to.length).filter(axis => to[axis] !== 1)
  if (longFrom.length !== longTo.length || longFrom.some((axis, i) => from[axis] !== to[longTo[i]])) return undefined
  const units = identity(to.length).filter(axis => to[axis] === 1)
  const long = perm.filter(axis => from[axis] !== 1).map(axis => longTo[longFrom.indexOf(axis)])
  return isIdentity(perm) ? identity(to.length) : [...units, ...long]
}
