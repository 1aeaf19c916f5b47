import { sizeOf } from '../frontends/frontend.ts'
import type { ModelProto } from '../onnx/model.ts'
import { dimsOf, floatsOf } from '../onnx/tensors.ts'
import { typeName } from './input.ts'

/** Largest and smallest number (above 0) of float16. */
const FLOAT16_MAX = 65_504
const FLOAT16_MIN = 2 ** -24

export interface WeightFacts {
  /** Numbers of each type. */
  count: Record<string, number>
  /** Of those in float32; null where there are none. */
  range: { least: number; greatest: number } | null
  /** Those in float32 that float16 cannot hold, and those that it makes 0. */
  beyond_float16: number
  lost_in_float16: number
}

/** What the weights of a model are. */
export function weightFacts({ graph }: ModelProto): WeightFacts {
  const facts: WeightFacts = { count: {}, range: null, beyond_float16: 0, lost_in_float16: 0 }
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const tensor of graph.initializer ?? []) {
    const type = typeName(tensor.dataType)
    facts.count[type] = (facts.count[type] ?? 0) + sizeOf(dimsOf(tensor))
    for (const value of floatsOf(tensor) ?? []) {
      const size = Math.abs(value)
      if (size > FLOAT16_MAX) facts.beyond_float16++
      if (size > 0 && size < FLOAT16_MIN) facts.lost_in_float16++
      if (value < least) least = value
      if (value > greatest) greatest = value
    }
  }
  if (least <= greatest) facts.range = { least, greatest }
  return facts
}
