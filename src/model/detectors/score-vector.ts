/** The score of one vector, not negative: the larger, the less like those of training. The vector is left as it is. */
export type ScoreVector = (vector: Float64Array) => number
