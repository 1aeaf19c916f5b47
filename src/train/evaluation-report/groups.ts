/** A group of items with its colour, a CSS class of style.ts. */
export interface Group {
  readonly name: string
  readonly className: string
}

/** Words of items of which nothing is known: grey and last. */
const REST = ['no class', 'all']
const COLOURS = 10

/** Colours of groups: `normal` first, then by name, numbers by size; beyond ten they are grey. */
export function groupsOf(names: readonly string[]): Group[] {
  const rank = (name: string) => (name === 'normal' ? 0 : REST.includes(name) ? 2 : 1)
  const ordered = [...new Set(names)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }))
  const grey = (name: string, i: number) => (rank(name) === 2 && ordered.length > 1) || i >= COLOURS
  return ordered.map((name, i) => ({ name, className: grey(name, i) ? 'g0' : `g${i + 1}` }))
}
