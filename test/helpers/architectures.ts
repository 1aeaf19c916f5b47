import { type ArchitectureConfig, architectureSchema } from '../../src/model/architectures/config.ts'

interface Small {
  name: string
  config: ArchitectureConfig
  featureShape: number[]
}

/** Each architecture at a size that TensorFlow.js's CPU backend computes in a moment, with every option that changes the graph. */
export const SMALL: Small[] = [
  { name: 'dense-ae', config: { type: 'dense-ae', hidden: [7, 6], latent: 3 }, featureShape: [10] },
  {
    name: 'dense-ae, elu, dropout, no batch norm',
    config: { type: 'dense-ae', hidden: [7], latent: 2, batch_norm: false, activation: 'elu', dropout: 0.3 },
    featureShape: [3, 4],
  },
  { name: 'conv1d-ae', config: { type: 'conv1d-ae' }, featureShape: [32, 1] },
  {
    name: 'conv1d-ae, odd length, batch norm, dropout, tanh',
    config: {
      type: 'conv1d-ae',
      encoder: [4],
      decoder: [4],
      latent: 2,
      batch_norm: true,
      dropout: 0.2,
      activation: 'tanh',
    },
    featureShape: [27, 1],
  },
  {
    name: 'conv1d-ae, kernels of each layer',
    config: {
      type: 'conv1d-ae',
      encoder: [3],
      decoder: [3],
      latent: 2,
      kernel: [9, 3, 3, 7],
      stride: [3, 1, 1, 3],
      padding: [3, 1, 1, 2],
    },
    featureShape: [30, 1],
  },
  {
    name: 'conv2d-ae, output padding, sigmoid',
    config: { type: 'conv2d-ae', preset: 'S', output_activation: 'sigmoid' },
    featureShape: [13, 18, 1],
  },
  {
    name: 'conv2d-ae, batch norm, leaky relu, two channels',
    config: {
      type: 'conv2d-ae',
      convolutions: [
        { filters: 3, kernel: [3, 5], stride: [1, 2], padding: [1, 2] },
        { filters: 4, kernel: 3, stride: 3, padding: 0 },
      ],
      latent: 3,
      batch_norm: true,
      activation: 'leaky_relu',
      dropout: 0.1,
    },
    featureShape: [9, 12, 2],
  },
  {
    name: 'conv2d-ae, skip connections',
    config: {
      type: 'conv2d-ae',
      convolutions: [
        { filters: 3, kernel: 3, stride: 2, padding: 1 },
        { filters: 4, kernel: 4, stride: 2, padding: 1 },
        { filters: 5, kernel: 3, stride: 1, padding: 0 },
      ],
      latent: 3,
      skip: true,
      activation: 'leaky_relu',
    },
    featureShape: [13, 16, 1],
  },
  { name: 'lstm-ae', config: { type: 'lstm-ae', latent: 4 }, featureShape: [6, 5, 1] },
  {
    name: 'lstm-ae, two layers, forwards, dropout, tanh',
    config: {
      type: 'lstm-ae',
      hidden: [5],
      latent: 3,
      reverse: false,
      dropout: 0.2,
      output_activation: 'tanh',
    },
    featureShape: [4, 6],
  },
  { name: 'idnn', config: { type: 'idnn', frames: 3, hidden: [8], latent: 4 }, featureShape: [15] },
  {
    name: 'idnn, frames of their own, batch norm, dropout',
    config: { type: 'idnn', hidden: [6], latent: 3, batch_norm: true, dropout: 0.2 },
    featureShape: [5, 4, 1],
  },
  {
    name: 'deep-svdd, dense, soft boundary',
    config: { type: 'deep-svdd', objective: 'soft-boundary', nu: 0.3, hidden: [7, 6], latent: 3, weight_decay: 0.01 },
    featureShape: [10],
  },
  {
    name: 'deep-svdd, convolutions, pretraining',
    config: {
      type: 'deep-svdd',
      convolutions: [{ filters: 3 }, { filters: 4, kernel: 3, stride: 2, padding: 1 }],
      latent: 3,
      weight_decay: 0.01,
      pretrain: { epochs: 2 },
    },
    featureShape: [9, 12, 2],
  },
  {
    name: 'f-anogan, dense',
    config: { type: 'f-anogan', hidden: [7, 6], latent: 3, critic_steps: 2, batch_norm: false },
    featureShape: [3, 4],
  },
  {
    name: 'f-anogan, convolutions',
    config: {
      type: 'f-anogan',
      convolutions: [{ filters: 3 }, { filters: 4 }],
      latent: 3,
      critic_steps: 2,
      kappa: 0.5,
      output_activation: 'tanh',
    },
    featureShape: [8, 12, 2],
  },
  {
    name: 'vae, dense, elbo',
    config: { type: 'vae', hidden: [7, 6], latent: 3, beta: 2, score: 'elbo' },
    featureShape: [10],
  },
  {
    name: 'vae, convolutions, batch norm, dropout, sigmoid',
    config: {
      type: 'vae',
      convolutions: [{ filters: 3 }, { filters: 4, kernel: 3, stride: 2, padding: 1 }],
      latent: 2,
      batch_norm: true,
      dropout: 0.2,
      output_activation: 'sigmoid',
    },
    featureShape: [9, 12],
  },
  {
    name: 'alad',
    config: { type: 'alad', filters: 2, latent: 3, moving_average: 0.9 },
    featureShape: [8, 8, 2],
  },
  {
    name: 'alad, dense, no spectral norm, two discriminators, l2',
    config: { type: 'alad', hidden: 4, latent: 3, spectral_norm: false, allow_zz: false, score: 'l2' },
    featureShape: [3, 4],
  },
].map(({ config, ...rest }) => ({ ...rest, config: architectureSchema.parse(config) }))

/** Principal components: weights that follow no gradient. */
export const PCA: Small = {
  name: 'pca, whitened',
  config: architectureSchema.parse({ type: 'pca', components: 3, whiten: true }),
  featureShape: [4, 3, 1],
}

/** Those that follow no gradient. */
export const UNTRAINED: Small[] = [
  { name: 'none, images', config: architectureSchema.parse({ type: 'none' }), featureShape: [3, 4, 2] },
  { name: 'none, a vector', config: architectureSchema.parse({ type: 'none' }), featureShape: [10] },
  PCA,
]
