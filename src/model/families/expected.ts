import { sizeOf } from '../frontends/frontend.ts'
import { tf } from '../tf.ts'
import type { ModelContext } from './model.ts'

/** What a family without a decoder expects of any item: the mean of the training items. */
export interface Expected {
  /** `[…featureShape]`, not trained. */
  readonly variable: tf.Variable
  readonly variables: Readonly<Record<string, tf.Variable>>
  /** One for each item of a batch, `[n, …featureShape]`. */
  like(items: tf.Tensor): tf.Tensor
}

export function expectedItem({ featureShape, expected }: ModelContext): Expected {
  const values = expected ?? new Float32Array(sizeOf(featureShape))
  const variable = tf.variable(tf.tensor(values, [...featureShape]), false)
  return {
    variable,
    variables: { 'expected/mean': variable },
    like: items => tf.broadcastTo(tf.expandDims(variable, 0), items.shape),
  }
}
