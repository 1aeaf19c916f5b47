import { tf } from '../model/tf.ts'

/** Gives each variable its piece of a vector that holds all of them. */
export function assignPieces(vector: tf.Tensor, variables: readonly tf.Variable[]): void {
  const pieces =
    variables.length > 1
      ? tf.split(
          vector,
          variables.map(({ size }) => size),
        )
      : [vector]
  for (const [i, variable] of variables.entries()) variable.assign(tf.reshape(pieces[i], variable.shape))
}
