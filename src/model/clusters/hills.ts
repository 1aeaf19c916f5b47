import type { MicroClusters } from './micro-clusters.ts'

/** A saddle leaves a valley between two hills when it is below this part of the lower summit, and by more than latents scatter by chance. */
const PROMINENCE = 0.7

/** Whether two micro-clusters are closer than `link` times their mean radius. */
export function isInReach(micro: MicroClusters, a: number, b: number, link: number): boolean {
  const { centres, dimensions } = micro
  const bound = ((link * (micro.radius(a) + micro.radius(b))) / 2) ** 2
  return micro.squaredTo(centres.data, a * dimensions, b, bound) <= bound
}

/** Whether a saddle of some weight leaves no valley between two hills; weights scatter as counts do, by their root. */
export function isOneHill(saddle: number, oneSummit: number, otherSummit: number): boolean {
  const lower = Math.min(oneSummit, otherSummit)
  return saddle >= PROMINENCE * lower || lower - saddle <= Math.sqrt(lower + saddle)
}

/**
 * Hills of density (Chazal, Guibas, Oudot and Skraba, 2013): each dense micro-cluster, the heaviest first, belongs to the highest hill in
 * its reach, and joins the others in its reach to that where it leaves no valley between them. So groups that touch stay apart.
 * @returns for each micro-cluster the number of its hill, 0 for the heaviest; 0 also for what is not dense
 */
export function hillsOf(micro: MicroClusters, link: number): number[] {
  const rows = denseRows(micro).sort((a, b) => micro.weight(b) - micro.weight(a))
  const below = new Map<number, number>()
  const summit = (row: number): number => (below.has(row) ? summit(below.get(row)!) : row)
  rows.forEach((row, i) => {
    const heavier = rows.slice(0, i).filter(other => isInReach(micro, row, other, link))
    const [highest, ...others] = [...new Set(heavier.map(summit))].sort((a, b) => rows.indexOf(a) - rows.indexOf(b))
    if (highest === undefined) return
    below.set(row, highest)
    for (const other of others) {
      if (isOneHill(micro.weight(row), micro.weight(highest), micro.weight(other))) below.set(other, highest)
    }
  })
  return numberByWeight(micro, rows, summit)
}

export const denseRows = (micro: MicroClusters): number[] =>
  Array.from({ length: micro.count }, (_, row) => row).filter(row => micro.isDense(row))

function numberByWeight(micro: MicroClusters, rows: readonly number[], summit: (row: number) => number): number[] {
  const weights = new Map<number, number>()
  for (const row of rows) weights.set(summit(row), (weights.get(summit(row)) ?? 0) + micro.weight(row))
  const order = [...weights].sort(([, a], [, b]) => b - a).map(([row]) => row)
  const hills = Array<number>(micro.count).fill(0)
  for (const row of rows) hills[row] = order.indexOf(summit(row))
  return hills
}
