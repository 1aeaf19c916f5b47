import { tf } from '../../tf.ts'
import type { TensorInfo, Tracer } from '../tracer.ts'

/** Appends the nodes of one TensorFlow.js operation. Inputs and attributes are as TensorFlow.js's kernels receive them. */
// biome-ignore lint/suspicious/noExplicitAny: TensorFlow.js types inputs and attributes per kernel name, not per kernel function
export type Kernel = (t: Tracer, inputs: any, attrs: any) => TensorInfo | TensorInfo[]

export type Kernels = Record<string, Kernel>

export const { backend_util, slice_util, util } = tf

/** Inputs of kernels that take a list. */
export const list = (inputs: Record<string, TensorInfo> | TensorInfo[]): TensorInfo[] => Object.values(inputs)

export const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export const equalShapes = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i])
