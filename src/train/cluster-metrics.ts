type Labels = ArrayLike<number | string>

/** How many items have each pair of a true label and a cluster. */
interface Contingency {
  readonly cells: readonly { readonly row: number; readonly column: number; readonly count: number }[]
  /** Items of each true label, and of each cluster. */
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  readonly total: number
}

/**
 * The part of the items whose label is the most frequent one of their cluster. Grows with the number of clusters: read it beside ARI.
 * @returns above 0, up to 1; NaN without items
 */
export function purity(truth: Labels, clusters: Labels): number {
  const { cells, columns, total } = contingency(truth, clusters)
  const largest = columns.map(() => 0)
  for (const { column, count } of cells) largest[column] = Math.max(largest[column], count)
  return largest.reduce((sum, count) => sum + count, 0) / total
}

/**
 * Pairs on which both groupings agree, corrected for chance (Hubert and Arabie, 1985): scikit-learn's `adjusted_rand_score`.
 * @returns −0.5 to 1; 0 is chance, 1 for the same grouping
 */
export function adjustedRandIndex(truth: Labels, clusters: Labels): number {
  const { cells, rows, columns, total } = contingency(truth, clusters)
  const pairs = (counts: readonly number[]) => counts.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0)
  const both = pairs(cells.map(({ count }) => count))
  const [ofRows, ofColumns] = [pairs(rows), pairs(columns)]
  const all = (total * (total - 1)) / 2
  const expected = all > 0 ? (ofRows * ofColumns) / all : 0
  const most = (ofRows + ofColumns) / 2
  return most === expected ? 1 : (both - expected) / (most - expected)
}

/**
 * Mutual information over the mean of both entropies: scikit-learn's `normalized_mutual_info_score`.
 * @returns 0 to 1
 */
export function normalizedMutualInformation(truth: Labels, clusters: Labels): number {
  const { cells, rows, columns, total } = contingency(truth, clusters)
  if (rows.length <= 1 && columns.length <= 1) return 1
  const entropy = (counts: readonly number[]) => counts.reduce((sum, n) => sum - (n / total) * Math.log(n / total), 0)
  const mean = (entropy(rows) + entropy(columns)) / 2
  const shared = cells.reduce((sum, { row, column, count }) => {
    return sum + (count / total) * (Math.log(count / rows[row]) + Math.log(total / columns[column]))
  }, 0)
  return mean > 0 ? Math.min(1, Math.max(0, shared / mean)) : 0
}

function contingency(truth: Labels, clusters: Labels): Contingency {
  if (truth.length !== clusters.length) throw new RangeError(`${truth.length} labels for ${clusters.length} clusters`)
  const [rowOf, columnOf] = [new Map<number | string, number>(), new Map<number | string, number>()]
  const place = (map: Map<number | string, number>, label: number | string) => {
    if (!map.has(label)) map.set(label, map.size)
    return map.get(label)!
  }
  const cells = new Map<string, { row: number; column: number; count: number }>()
  const [rows, columns]: number[][] = [[], []]
  for (let i = 0; i < truth.length; i++) {
    const row = place(rowOf, truth[i])
    const column = place(columnOf, clusters[i])
    const key = `${row},${column}`
    const cell = cells.get(key) ?? { row, column, count: 0 }
    cell.count++
    cells.set(key, cell)
    rows[row] = (rows[row] ?? 0) + 1
    columns[column] = (columns[column] ?? 0) + 1
  }
  return { cells: [...cells.values()], rows, columns, total: truth.length }
}
