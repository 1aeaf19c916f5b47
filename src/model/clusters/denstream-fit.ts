import { AuscultError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { DenStreamConfig } from './config.ts'
import { denseRows, hillsOf } from './hills.ts'
import { MOST_ROWS } from './kmeans-fit.ts'
import { type Latents, quantile, sampleRows, spreadOf } from './latents.ts'
import type { MicroClusters } from './micro-clusters.ts'
import { pairDistances, silhouette } from './silhouette.ts'

/** Rows that epsilon is chosen on. */
const CHOOSING_ROWS = 1000
/** Epsilon as a part of the distance to the neighbour that makes a micro-cluster dense: in a ball of that radius the root mean square is about that. */
const PART = 0.6
/** That neighbour's number grows with the root of the number of rows, this many times, so that density is told from chance. */
const DENSITY = 0.25
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
  const neighbour = Math.min(rows - 1, Math.ceil(Math.max(beta * mu, DENSITY * Math.sqrt(rows))))
  const distances = pairDistances(sample)
  const reaches = Float64Array.from(
    { length: rows },
    (_, i) => distances.slice(i * rows, (i + 1) * rows).sort()[neighbour],
  )
  const { square } = spreadOf(sample)
  return Math.max(PART * quantile(reaches, QUANTILE), 1e-6 * Math.sqrt((square || 1) * sample.dimensions))
}

/**
 * The link at which the balls of two micro-clusters overlap by a tenth. A ball evenly filled has √((d + 2) / d) times the root mean squared
 * distance to its centre as radius; the paper has the sum of both radii.
 */
export const usualLink = (dimensions: number): number => 1.8 * Math.sqrt((dimensions + 2) / dimensions)
/** Links between these are tried: closer ones would cut clusters in pieces, wider ones join what does not touch. */
const [NARROWEST_LINK, WIDEST_LINK] = [1.1, 3.5]
/** By how much the silhouette has to be better than with the usual link: by more than cutting up one cluster yields, which is less in many dimensions. */
const gain = (dimensions: number): number => Math.min(0.4, 0.8 / dimensions)

/**
 * The usual link, or one that parts training latents with a clearly better silhouette: one is tried just below each of those at which
 * micro-clusters join (the edges of the least spanning tree of the dense ones, in units of their mean radius).
 */
export function chooseLink(latents: Latents, micro: MicroClusters, random: Random): number {
  const sample = sampleRows(latents, CHOOSING_ROWS, random)
  const distances = pairDistances(sample)
  const d = sample.dimensions
  const nearest = Int32Array.from({ length: sample.rows }, (_, i) => micro.nearest(sample.data, i * d, true))
  const score = (link: number): number => {
    const hills = hillsOf(micro, link)
    const k = Math.max(...hills) + 1
    if (k < 2) return 0
    return silhouette(
      distances,
      nearest.map(row => hills[row]),
      k,
    )
  }
  const usual = usualLink(d)
  let best = { link: usual, score: score(usual) + gain(d) }
  for (const { length } of spanningTree(micro)) {
    if (length <= NARROWEST_LINK || length >= WIDEST_LINK) continue
    const link = length * (1 - 1e-9)
    const found = score(link)
    if (found > best.score) best = { link, score: found }
  }
  return best.link
}

/** Of the distances of training latents to the nearest dense micro-cluster: how far beyond which quantile of them a cluster reaches. */
const RADIUS_MARGIN = 1.5
const RADIUS_QUANTILE = 0.99

/** The distance up to which latents belong to the cluster of a micro-cluster; 0 where none is dense. */
export function calibrateRadius(latents: Latents, micro: MicroClusters, random: Random): number {
  const { data, rows, dimensions: d } = sampleRows(latents, MOST_ROWS, random)
  const distances = Float64Array.from({ length: rows }, (_, i) =>
    micro.nearest(data, i * d, true) < 0 ? 0 : Math.sqrt(micro.squared),
  )
  return RADIUS_MARGIN * quantile(distances, RADIUS_QUANTILE)
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
