import { z } from '../../config.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { convolvedLength, transposedLength } from './lengths.ts'
import { pair, positive, toPair } from './options.ts'
import type { LayerSpec } from './spec.ts'

/** A list of convolutions on an image. @param defaults of a layer that says no more than its filters */
export const convolutionsOf = (defaults: { kernel: number; padding: number }) =>
  z
    .array(
      z.strictObject({
        filters: positive.describe('channels'),
        kernel: pair(1).default(defaults.kernel).describe('kernel size, or [height, width]'),
        stride: pair(1).default(2),
        padding: pair(0).default(defaults.padding).describe('zero padding on each side'),
      }),
    )
    .min(1)

export type Convolution = z.infer<ReturnType<typeof convolutionsOf>>[number]

export interface Around {
  /** Whether convolutions have one. */
  readonly bias: boolean
  /** What follows each of them. */
  readonly after: readonly LayerSpec[]
}

/** Shape of an image with its channels. */
const imageOf = (featureShape: readonly number[]): readonly number[] =>
  featureShape.length === 2 ? [...featureShape, 1] : featureShape

/** Shapes of the maps before, between and after convolutions. */
function mapShapes(convolutions: readonly Convolution[], featureShape: readonly number[]): (readonly number[])[] {
  const shapes = [imageOf(featureShape)]
  for (const { filters, ...layer } of convolutions) {
    const [kernel, stride, padding] = [toPair(layer.kernel), toPair(layer.stride), toPair(layer.padding)]
    const before = shapes.at(-1)!
    shapes.push([...[0, 1].map(i => convolvedLength(before[i], kernel[i], stride[i], padding[i])), filters])
  }
  return shapes
}

/** An image to a vector: convolutions one after the other, the last map flattened. */
export function contracting(
  convolutions: readonly Convolution[],
  featureShape: readonly number[],
  { bias, after }: Around,
): LayerSpec[] {
  const layers = convolutions.flatMap(({ filters, ...layer }): LayerSpec[] => {
    const [kernel, stride, padding] = [toPair(layer.kernel), toPair(layer.stride), toPair(layer.padding)]
    return [{ kind: 'conv', filters, kernel, stride, padding, bias }, ...after]
  })
  const shapes = mapShapes(convolutions, featureShape)
  const channels: LayerSpec[] = featureShape.length === 2 ? [{ kind: 'reshape', shape: shapes[0] }] : []
  return [...channels, ...layers, { kind: 'reshape', shape: [sizeOf(shapes.at(-1)!)] }]
}

/** The mirror image of contracting, from a latent: a dense layer to the last map, then transposed convolutions. Nothing follows the last of them. */
export function expanding(
  convolutions: readonly Convolution[],
  featureShape: readonly number[],
  { bias, after }: Around,
): LayerSpec[] {
  const shapes = mapShapes(convolutions, featureShape)
  const last = shapes.at(-1)!
  const layers: LayerSpec[] = [{ kind: 'dense', units: sizeOf(last), bias }, ...after, { kind: 'reshape', shape: last }]
  for (let k = convolutions.length - 1; k >= 0; k--) {
    const { kernel: k0, stride: s0, padding: p0 } = convolutions[k]
    const [kernel, stride, padding] = [toPair(k0), toPair(s0), toPair(p0)]
    const [from, to] = [shapes[k + 1], shapes[k]]
    const extra = (i: number) => to[i] - transposedLength(from[i], kernel[i], stride[i], padding[i], 0)
    const filters = to[2]
    const outputPadding = [extra(0), extra(1)] as const
    layers.push({ kind: 'conv-transpose', filters, kernel, stride, padding, outputPadding, bias: bias || k === 0 })
    if (k > 0) layers.push(...after)
  }
  if (featureShape.length === 2) layers.push({ kind: 'reshape', shape: featureShape })
  return layers
}
