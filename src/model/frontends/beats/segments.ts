/**
 * Cuts `length` frames at beats, as `librosa.util.sync` does, into `count` segments exactly: while there are fewer, the longest (the
 * first of them) is halved; while there are more, the two neighbours that are shortest together are joined. So no part of the window is
 * left out, and a window without beats is cut evenly.
 * @param count ≤ length @returns `[count + 1]` edges from 0 to length, ascending
 */
export function segmentEdges(beats: readonly number[], length: number, count: number): number[] {
  const edges = [0, ...beats.filter(beat => beat > 0 && beat < length), length]
  while (edges.length <= count) {
    const longest = bestIndex(edges.length - 1, i => edges[i + 1] - edges[i])
    edges.splice(longest + 1, 0, Math.floor((edges[longest] + edges[longest + 1]) / 2))
  }
  while (edges.length > count + 1) {
    const shortest = bestIndex(edges.length - 2, i => edges[i] - edges[i + 2])
    edges.splice(shortest + 1, 1)
  }
  return edges
}

/** The first index below `n` with the largest value. */
function bestIndex(n: number, value: (i: number) => number): number {
  let best = 0
  for (let i = 1; i < n; i++) if (value(i) > value(best)) best = i
  return best
}
