/** The middle and the largest of |value − exact| / |exact|. */
export function relativeDifferences(
  values: readonly number[],
  exact: readonly number[],
): { median: number; largest: number } {
  const differences = values
    .map((value, i) => Math.abs(value - exact[i]) / Math.max(Math.abs(exact[i]), Number.MIN_VALUE))
    .sort((a, b) => a - b)
  return { median: differences[Math.floor(differences.length / 2)], largest: differences.at(-1)! }
}
