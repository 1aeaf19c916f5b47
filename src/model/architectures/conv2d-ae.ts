import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { convolvedLength, transposedLength } from './lengths.ts'
import {
  activation,
  after,
  batchNorm,
  dropout,
  initializer,
  output,
  outputActivation,
  pair,
  positive,
  toPair,
} from './options.ts'
import type { AutoencoderSpec, LayerSpec } from './spec.ts'

const convolution = z.strictObject({
  filters: positive.describe('channels'),
  kernel: pair(1).default(4).describe('kernel size, or [height, width]'),
  stride: pair(1).default(2),
  padding: pair(0).default(1).describe('zero padding on each side'),
})

const PRESETS = { S: { filters: [8, 16, 32], latent: 3 }, L: { filters: [16, 32, 64], latent: 32 } }

/** Convolutional autoencoder on frames or spectrograms, with a flat bottleneck. */
export const conv2dAeSchema = z.strictObject({
  type: z.literal('conv2d-ae'),
  preset: z.enum(['S', 'L']).default('L').describe('S: 8-16-32 filters, 3 latents; L: 16-32-64 filters, 32 latents'),
  convolutions: z
    .array(convolution)
    .min(1)
    .optional()
    .describe('encoder layers in place of the preset; the decoder mirrors them'),
  latent: positive.optional().describe('units of the bottleneck in place of the preset'),
  skip: z
    .boolean()
    .default(false)
    .describe(
      'U-Net skip connections (Ronneberger et al. 2015): the decoder sees the feature maps of the encoder too. Sharper reconstructions, but of faults as well: these pass by the bottleneck',
    ),
  batch_norm: batchNorm(false),
  activation,
  output_activation: outputActivation,
  dropout,
  initializer,
})

export function conv2dAe(config: z.infer<typeof conv2dAeSchema>, featureShape: readonly number[]): AutoencoderSpec {
  const image = featureShape.length === 2 ? [...featureShape, 1] : featureShape
  const preset = PRESETS[config.preset]
  const layers = config.convolutions ?? preset.filters.map(filters => ({ filters, kernel: 4, stride: 2, padding: 1 }))
  const latent = config.latent ?? preset.latent
  const encoder: LayerSpec[] = featureShape.length === 2 ? [{ kind: 'reshape', shape: image }] : []
  const shapes = [image]
  if (config.skip && layers.length === 1) throw nothingToSkip()
  for (const [k, layer] of layers.entries()) {
    const [kernel, stride, padding] = [toPair(layer.kernel), toPair(layer.stride), toPair(layer.padding)]
    encoder.push({ kind: 'conv', filters: layer.filters, kernel, stride, padding }, ...after(config))
    if (config.skip && k < layers.length - 1) encoder.push({ kind: 'keep', as: mapName(k) })
    const before = shapes.at(-1)!
    shapes.push([...[0, 1].map(i => convolvedLength(before[i], kernel[i], stride[i], padding[i])), layer.filters])
  }
  const last = shapes.at(-1)!
  encoder.push({ kind: 'reshape', shape: [sizeOf(last)] }, { kind: 'dense', units: latent })
  const decoder: LayerSpec[] = [
    { kind: 'dense', units: sizeOf(last) },
    ...after(config),
    { kind: 'reshape', shape: last },
  ]
  for (let k = layers.length - 1; k >= 0; k--) {
    const [kernel, stride, padding] = [toPair(layers[k].kernel), toPair(layers[k].stride), toPair(layers[k].padding)]
    const [from, to] = [shapes[k + 1], shapes[k]]
    // The last map is what the bottleneck is made of, and comes back through it alone.
    if (config.skip && k < layers.length - 1) decoder.push({ kind: 'concat', kept: mapName(k) })
    const extra = (i: number) => to[i] - transposedLength(from[i], kernel[i], stride[i], padding[i], 0)
    decoder.push({
      kind: 'conv-transpose',
      filters: to[2],
      kernel,
      stride,
      padding,
      outputPadding: [extra(0), extra(1)],
    })
    decoder.push(...(k === 0 ? output(config.output_activation) : after(config)))
  }
  if (featureShape.length === 2) decoder.push({ kind: 'reshape', shape: featureShape })
  return { encoder, decoder }
}

const mapName = (k: number): string => `convolution ${k + 1}`

const nothingToSkip = () =>
  new AuscultError('AUSCULT_SHAPE', 'skip connections pass by inner layers, and one convolution has none', {
    at: 'architecture.skip',
    remedy: 'Give two or more convolutions, or set skip: false.',
  })
