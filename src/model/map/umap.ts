import { UMAP } from 'umap-js'

export interface UmapInput {
  /** Of each point the k rows nearest to it, the nearest first, itself first of all: `[n][k]`. */
  readonly rows: number[][]
  /** How far they are, `[n][k]`. */
  readonly distances: number[][]
  /** Where the points begin, `[n × 2]`, within about ±10. */
  readonly start: Float64Array
}

export interface UmapOptions {
  readonly minDist: number
  readonly epochs: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/**
 * UMAP to two dimensions (McInnes, Healy and Melville, 2018). The same input and random numbers give the same places, bit for bit.
 * @returns `[n × 2]`
 */
export function umap(
  { rows, distances, start }: UmapInput,
  { minDist, epochs, random }: UmapOptions,
  onEpoch: (done: number, total: number) => void = () => {},
): Float32Array {
  const map = new UMAP({ nNeighbors: rows[0].length, minDist, nEpochs: epochs, random })
  map.setPrecomputedKNN(rows, distances)
  // With the neighbours known, only the number of points is taken from these.
  map.initializeFit(rows)
  // umap-js begins at random places, where groups end up anywhere; from others the layout of the whole stays as it was.
  const places = map.getEmbedding()
  for (const [i, place] of places.entries()) {
    place[0] = start[2 * i]
    place[1] = start[2 * i + 1]
  }
  for (let epoch = 0; epoch < epochs; epoch++) {
    map.step()
    onEpoch(epoch + 1, epochs)
  }
  return Float32Array.from(places.flat())
}
