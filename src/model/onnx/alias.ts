/*
 * Where a graph is rewritten, a value with the elements of `name`, perhaps in another shape or type, is called `name~1`, `name~half`, …: what
 * was measured of `name` is true of it.
 */

/** The value of the unchanged graph that has the same elements. */
export const originOf = (name: string): string => name.replace(/~\w+$/, '')

/** A name that is not taken, of a value with the elements of another. */
export function aliasOf(name: string, taken: { has(name: string): boolean }): string {
  const origin = originOf(name)
  for (let i = 1; ; i++) if (!taken.has(`${origin}~${i}`)) return `${origin}~${i}`
}
