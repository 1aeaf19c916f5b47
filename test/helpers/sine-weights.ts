import type { Model } from '../../src/model/families/model.ts'
import { tf } from '../../src/model/tf.ts'

/** Gives a model the weights that the scripts of test/fixtures give theirs, in the order of the layers. */
export function fillWithSines(model: Model): Model {
  model.parts.weights.forEach((variable, i) => {
    const values = Float32Array.from({ length: variable.size }, (_, k) => 0.4 * Math.sin(k + 10 * i))
    variable.assign(tf.tensor(values, variable.shape))
  })
  return model
}
