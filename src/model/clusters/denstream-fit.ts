import { AuscultError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { DenStreamConfig } from './config.ts'
import { MOST_ROWS } from './kmeans-fit.ts'
import { type Latents, quantile, sampleRows, spreadOf } from './latents.ts'
import type { MicroClusters } from './micro-clusters.ts'
import { pairDistances, silhouette } from './silhouette.ts'

/** Rows that epsilon is chosen on. */
const CHOOSING_ROWS = 1000
/** Epsilon as a part of the distance to the neighbour that makes a micro-cluster dense: in a ball of that radius the root mean square is about that. */
const PART = 0.6
/** Below this mean silhouette everything is one cluster. */
const STRUCTURE = 0.1
/** Of these distances, which quantile. */
const QUANTILE = 0.9

/** A sample of the rows in random order. */
export function* shuffledRows(latents: Latents, random: Random): Generator<Float32Array> {
  const { data, rows, dimensions } = sampleRows(latents, MOST_ROWS, random)
  for (const row of random.shuffle(Array.from({ length: rows }, (_, i) => i))) {
    yield Float32Array.from(data.subarray(row * dimensions, (row + 1) * dimensions))
  }
}

/** An epsilon at which most training latents lie in dense micro-clusters. @throws AUSCULT_CONFIG when there are too few latents */
export function chooseEpsilon(latents: Latents, { beta, mu }: DenStreamConfig, random: Random): number {
  const sample = sampleRows(latents, CHOOSING_ROWS, random)
  const { rows } = sample
  if (rows < 2) {
    throw new AuscultError('AUSCULT_CONFIG', `an epsilon cannot be chosen from ${rows} latents`, {
      at: 'clusters.epsilon',
      remedy: 'Set clusters.epsilon, or train with more recordings.',
    })
  }
  const neighbour = Math.min(rows - 1, Math.ceil(beta * mu))
  const distances = pairDistances(sample)
  const reaches = Float64Array.from(
    { length: rows },
    (_, i) => distances.slice(i * rows, (i + 1) * rows).sort()[neighbour],
  )
  const { square } = spreadOf(sample)
  return Math.max(PART * quantile(reaches, QUANTILE), 1e-6 * Math.sqrt((square || 1) * sample.dimensions))
}

/** Links between these are tried: closer ones would cut clusters in pieces, wider ones join what does not touch. */
const NARROWEST_LINK = 1.1
export const WIDEST_LINK = 3.5

/**
 * The link that gives training latents the best silhouette: one is tried between each two of those at which clusters join (the edges of
 * the least spanning tree of dense micro-clusters, in units of their mean radius). The widest where none shows structure.
 */
export function chooseLink(latents: Latents, micro: MicroClusters, random: Random): number {
  const sample = sampleRows(latents, CHOOSING_ROWS, random)
  const distances = pairDistances(sample)
  const d = sample.dimensions
  const nearest = Int32Array.from({ length: sample.rows }, (_, i) => micro.nearest(sample.data, i * d, true))
  const tree = spanningTree(micro).sort((a, b) => b.length - a.length)
  let best = { link: WIDEST_LINK, score: STRUCTURE }
  const joins = [...tree.map(edge => edge.length), 0].map(length =>
    Math.min(WIDEST_LINK, Math.max(NARROWEST_LINK, length)),
  )
  for (let i = 0; i + 1 < joins.length; i++) {
    const link = Math.sqrt(joins[i] * joins[i + 1])
    if (joins[i] === joins[i + 1]) continue
    const parts = partsBelow(tree.slice(i + 1), micro)
    const k = Math.max(...parts) + 1
    if (k < 2) continue
    const score = silhouette(
      distances,
      nearest.map(row => parts[row]),
      k,
    )
    if (score > best.score) best = { link, score }
  }
  return best.link
}

interface Edge {
  readonly from: number
  readonly to: number
  readonly length: number
}

/** The least spanning tree of the dense micro-clusters (Prim, 1957). */
function spanningTree(micro: MicroClusters): Edge[] {
  const outside = denseRows(micro)
  const edges = new Map<number, Edge>()
  const tree: Edge[] = []
  for (let row = outside.shift(); row !== undefined; ) {
    for (const other of outside) {
      const length = micro.relativeDistance(row, other)
      if (!(length >= (edges.get(other)?.length ?? Number.POSITIVE_INFINITY)))
        edges.set(other, { from: row, to: other, length })
    }
    const nearest = outside.reduce(
      (best, other, i) => (edges.get(other)!.length < edges.get(outside[best])!.length ? i : best),
      0,
    )
    row = outside.splice(nearest, 1)[0]
    if (row !== undefined) tree.push(edges.get(row)!)
  }
  return tree
}

const denseRows = (micro: MicroClusters) =>
  Array.from({ length: micro.count }, (_, row) => row).filter(row => micro.isDense(row))

/** For each row the number of the part it is in when only these edges connect; 0 for what is not dense. */
function partsBelow(edges: readonly Edge[], micro: MicroClusters): number[] {
  const dense = denseRows(micro)
  const leader = new Map(dense.map(row => [row, row]))
  const find = (row: number): number => (leader.get(row) === row ? row : find(leader.get(row)!))
  for (const { from, to } of edges) leader.set(find(from), find(to))
  const numbers = new Map<number, number>()
  const parts = Array<number>(micro.count).fill(0)
  for (const row of dense) {
    const first = find(row)
    if (!numbers.has(first)) numbers.set(first, numbers.size)
    parts[row] = numbers.get(first)!
  }
  return parts
}
