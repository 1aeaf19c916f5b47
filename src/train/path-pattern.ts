/** What the first group of a pattern matches in a path, or all of it; null for nothing. */
export function matchIn(pattern: RegExp, path: string): string | null {
  const found = pattern.exec(path)
  return found ? (found[1] ?? found[0]) || null : null
}
