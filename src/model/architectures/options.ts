import { z } from '../../config.ts'
import { ACTIVATIONS, type LayerSpec } from './spec.ts'

/** Options that several architectures have. */
export const activation = z.enum(ACTIVATIONS).default('relu').describe('activation of the hidden layers')
export const outputActivation = z
  .enum(ACTIVATIONS)
  .default('linear')
  .describe('activation of the reconstruction; sigmoid suits features in [0, 1] and is needed for the loss bce')
export const initializer = z
  .enum(['glorot_uniform', 'he_uniform', 'he_normal'])
  .default('glorot_uniform')
  .describe('initial weights (Glorot and Bengio 2010; He et al. 2015)')
export type InitializerName = z.infer<typeof initializer>
export const dropout = z
  .number()
  .min(0)
  .lt(1)
  .nullable()
  .default(null)
  .describe('share of hidden values dropped while training; null for none')
export const batchNorm = (value: boolean) =>
  z.boolean().default(value).describe('batch normalisation after each hidden layer')

export const positive = z.number().int().positive()

/** One number for both axes, or [height, width]. */
export const pair = (minimum: number) => {
  const one = z.number().int().min(minimum)
  return z.union([one, z.tuple([one, one])])
}
export const toPair = (value: number | readonly number[]): [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]]

/** What follows each hidden layer. */
export function after(options: {
  activation: (typeof ACTIVATIONS)[number]
  dropout: number | null
  batch_norm: boolean
}): LayerSpec[] {
  const specs: LayerSpec[] = []
  if (options.batch_norm) specs.push({ kind: 'batch-norm' })
  if (options.activation !== 'linear') specs.push({ kind: 'activation', activation: options.activation })
  if (options.dropout) specs.push({ kind: 'dropout', rate: options.dropout })
  return specs
}

/** What ends the decoder. */
export const output = (name: (typeof ACTIVATIONS)[number]): LayerSpec[] =>
  name === 'linear' ? [] : [{ kind: 'activation', activation: name }]
