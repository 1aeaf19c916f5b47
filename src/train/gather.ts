import type { Tensor } from '../model/engine.ts'
import { tf } from '../model/tf.ts'

/** The variables' values one after the other. */
export function gather(variables: readonly tf.Variable[]): Tensor {
  const data = new Float32Array(variables.reduce((sum, variable) => sum + variable.size, 0))
  let offset = 0
  for (const variable of variables) {
    data.set(variable.dataSync() as Float32Array, offset)
    offset += variable.size
  }
  return { data, shape: [data.length] }
}

/** Writes values one after the other into the variables. */
export function scatter(data: Float32Array, variables: readonly tf.Variable[]): void {
  let offset = 0
  for (const variable of variables) {
    variable.assign(tf.tensor(data.slice(offset, offset + variable.size), variable.shape))
    offset += variable.size
  }
}
