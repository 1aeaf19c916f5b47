/** How often each word occurs, in the order of words. */
export function countsOf<T extends string | number>(words: readonly (T | null)[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const word of words) if (word !== null) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
