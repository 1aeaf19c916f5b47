import { activations } from './activation.ts'
import { convolutions } from './convolution.ts'
import { comparisons, elementwise } from './elementwise.ts'
import { indexing } from './indexing.ts'
import type { Kernels } from './kernel.ts'
import { matmuls } from './matmul.ts'
import { normalizations } from './normalization.ts'
import { reductions } from './reduction.ts'
import { shapes } from './shape.ts'

/** Every operation that can be traced, by TensorFlow.js's kernel name. */
export const KERNELS: Kernels = {
  ...elementwise,
  ...comparisons,
  ...activations,
  ...reductions,
  ...shapes,
  ...indexing,
  ...matmuls,
  ...normalizations,
  ...convolutions,
}
