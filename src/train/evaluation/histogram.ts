import { countsOf } from '../counts-of.ts'

/** Histograms over common bins, one for each group: how scores spread by class, or by cluster. */
export interface GroupedHistogram {
  /** Whether the bins are equally wide, or each is the same factor wider than the one before. */
  scale: 'linear' | 'log'
  /** `[bins + 1]`, ascending; empty without items. */
  edges: number[]
  /** `[bins]` for each group: the first edge counts to a bin, the last only to the last bin. */
  counts: Record<string, number[]>
}

/** Scores that span more than this factor are shown on a logarithmic scale. */
const WIDE = 50
/** Scores within this part of themselves are taken for one. */
const ALIKE = 1e-6

/**
 * @param scores `[n]`, finite
 * @param groups `[n]`; items of the group null are left out
 */
export function scoreHistograms(
  scores: ArrayLike<number>,
  groups: readonly (string | number | null)[],
  bins = 40,
): GroupedHistogram {
  const chosen = [...groups.keys()].filter(i => groups[i] !== null)
  if (chosen.length === 0) return { scale: 'linear', edges: [], counts: {} }
  const low = chosen.reduce((least, i) => Math.min(least, scores[i]), Number.POSITIVE_INFINITY)
  const high = chosen.reduce((most, i) => Math.max(most, scores[i]), Number.NEGATIVE_INFINITY)
  const scale = low > 0 && high / low > WIDE ? 'log' : 'linear'
  const at = (score: number) => (scale === 'log' ? Math.log(score) : score)
  const least = ALIKE * Math.max(Math.abs(at(low)), Math.abs(at(high))) || 1
  const width = Math.max(at(high) - at(low), least) / bins
  const edgeAt = (i: number) => (scale === 'log' ? low * Math.exp(i * width) : low + i * width)
  const counts = new Map([...countsOf(groups).keys()].map(group => [String(group), Array<number>(bins).fill(0)]))
  for (const i of chosen) {
    const bin = Math.floor((at(scores[i]) - at(low)) / width)
    counts.get(String(groups[i]))![Math.min(bins - 1, bin)]++
  }
  return { scale, edges: Array.from({ length: bins + 1 }, (_, i) => edgeAt(i)), counts: Object.fromEntries(counts) }
}

/** Where a score lies among the edges: 0 at the first, 1 at the last; outside beyond them. */
export function positionOf({ scale, edges }: GroupedHistogram, score: number): number {
  const at = (value: number) => (scale === 'log' ? Math.log(Math.max(value, Number.MIN_VALUE)) : value)
  const [low, high] = [at(edges[0]), at(edges[edges.length - 1])]
  return (at(score) - low) / (high - low)
}
