import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { convolvedLength, transposedLength } from './lengths.ts'
import { activation, after, batchNorm, dropout, initializer, output, outputActivation, positive } from './options.ts'
import type { AutoencoderSpec, LayerSpec } from './spec.ts'

const each = (what: string, fallback: number, minimum: number) => {
  const one = z.number().int().min(minimum)
  return z
    .union([one, z.array(one)])
    .default(fallback)
    .describe(`${what} of each layer: one number for all, or a list from input to output`)
}

/** One-dimensional convolutional autoencoder on raw samples. */
export const conv1dAeSchema = z.strictObject({
  type: z.literal('conv1d-ae'),
  encoder: z.array(positive).default([16, 8]).describe('channels of the encoder layers'),
  latent: positive.default(5).describe('channels of the bottleneck'),
  decoder: z.array(positive).default([8, 16]).describe('channels of the decoder layers'),
  kernel: each('kernel length', 4, 1),
  stride: each('stride', 2, 1),
  padding: each('zero padding', 1, 0),
  batch_norm: batchNorm(false),
  activation,
  output_activation: outputActivation,
  dropout,
  initializer,
})

/**
 * Convolutions to the latent channels, then transposed convolutions back to one channel. Where a stride does not divide a length,
 * the mirrored layer pads its output so that the lengths of the encoder come back.
 */
export function conv1dAe(config: z.infer<typeof conv1dAeSchema>, featureShape: readonly number[]): AutoencoderSpec {
  const [length, channels = 1] = featureShape
  const down = [...config.encoder, config.latent]
  const up = [...config.decoder, channels]
  const count = down.length + up.length
  const at = (name: 'kernel' | 'stride' | 'padding', i: number): number => {
    const value = config[name]
    if (typeof value === 'number') return value
    if (value.length === count) return value[i]
    throw new AuscultError('AUSCULT_SHAPE', `${name} has ${value.length} entries for ${count} layers`, {
      at: `architecture.${name}`,
      remedy: `Give one number, or ${count} (${down.length} encoder layers, then ${up.length} decoder layers).`,
    })
  }
  const lengths = [length]
  const encoder: LayerSpec[] = [{ kind: 'reshape', shape: [1, length, channels] }]
  down.forEach((filters, i) => {
    const [kernel, stride, padding] = [at('kernel', i), at('stride', i), at('padding', i)]
    encoder.push({ kind: 'conv', filters, kernel: [1, kernel], stride: [1, stride], padding: [0, padding] })
    encoder.push(...after(i === down.length - 1 ? { ...config, dropout: null } : config))
    lengths.push(convolvedLength(lengths[i], kernel, stride, padding))
  })
  const decoder: LayerSpec[] = []
  let current = lengths.at(-1)!
  up.forEach((filters, i) => {
    const [kernel, stride, padding] = ['kernel', 'stride', 'padding'].map(name => at(name as 'kernel', down.length + i))
    const missing = (lengths.at(-2 - i) ?? 0) - transposedLength(current, kernel, stride, padding, 0)
    const extra = missing > 0 && missing < stride ? missing : 0
    decoder.push({
      kind: 'conv-transpose',
      filters,
      kernel: [1, kernel],
      stride: [1, stride],
      padding: [0, padding],
      outputPadding: [0, extra],
    })
    decoder.push(...(i === up.length - 1 ? output(config.output_activation) : after(config)))
    current = transposedLength(current, kernel, stride, padding, extra)
  })
  // A length that does not come back is left to the shape check, which shows the chain.
  decoder.push({ kind: 'reshape', shape: current === length ? featureShape : [current, channels] })
  return { encoder, decoder }
}
