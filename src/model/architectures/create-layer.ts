import { tfl } from '../tf.ts'
import { BatchNorm } from './layers/batch-norm.ts'
import { Conv, ConvTranspose, type Initializer } from './layers/convolution.ts'
import { MaskedDropout } from './layers/dropout.ts'
import { Concat, Keep, LeaveOut, PutIn } from './layers/kept.ts'
import { Lstm } from './layers/lstm.ts'
import { SpectralDense } from './layers/spectral-dense.ts'
import type { InitializerName } from './options.ts'
import type { Activation, LayerSpec } from './spec.ts'

type Layer = tfl.layers.Layer

/** Seeded by the layer. */
export function initializer(name: InitializerName, seed: number, index: number): Initializer {
  const args = { seed: seed * 1009 + index }
  const { glorotUniform, heUniform, heNormal } = tfl.initializers
  return { glorot_uniform: glorotUniform, he_uniform: heUniform, he_normal: heNormal }[name](args)
}

export function createLayer(
  spec: LayerSpec,
  name: string,
  kernelInitializer: Initializer,
  kept: Map<string, Keep>,
  seed: number,
): Layer {
  switch (spec.kind) {
    case 'dense':
      if (spec.spectralNorm) return new SpectralDense({ name, units: spec.units, kernelInitializer, seed })
      return tfl.layers.dense({ name, units: spec.units, useBias: spec.bias ?? true, kernelInitializer })
    case 'conv':
      return new Conv({ ...spec, name, kernelInitializer, spectralSeed: spec.spectralNorm ? seed : undefined })
    case 'conv-transpose':
      return new ConvTranspose({ ...spec, name, kernelInitializer })
    case 'batch-norm':
      return new BatchNorm({ ...spec, name })
    case 'activation':
      return activationLayer(spec.activation, name, spec.slope)
    case 'dropout':
      return new MaskedDropout({ name, rate: spec.rate })
    case 'reshape':
      return tfl.layers.reshape({ name, targetShape: [...spec.shape] })
    case 'lstm':
      return new Lstm({ ...spec, name, kernelInitializer, seed })
    case 'keep': {
      const layer = new Keep({ name })
      kept.set(spec.as, layer)
      return layer
    }
    case 'concat':
      return new Concat({ name, kept: kept.get(spec.kept)! })
    case 'leave-out':
      return new LeaveOut({ ...spec, name })
    case 'put-in':
      return new PutIn({ ...spec, name, kept: kept.get(spec.kept)! })
  }
}

function activationLayer(activation: Activation, name: string, slope = 0.2): Layer {
  if (activation === 'leaky_relu') return tfl.layers.leakyReLU({ name, alpha: slope })
  return tfl.layers.activation({ name, activation })
}
