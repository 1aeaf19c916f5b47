import { type ArchitectureConfig, architectureSchema } from '../../src/model/architectures/config.ts'

/** Architectures that learn classes, at a size that TensorFlow.js's CPU backend computes in a moment; see SMALL. */
export const SUPERVISED: {
  name: string
  config: ArchitectureConfig
  featureShape: number[]
  classWeights: number[]
  classes: string[]
}[] = [
  { name: 'lstm-classifier', config: { type: 'lstm-classifier', hidden: [4] }, featureShape: [6, 5, 1] },
  {
    name: 'lstm-classifier, both directions, mean, dropout, normal classes',
    config: {
      type: 'lstm-classifier',
      hidden: [4, 3],
      bidirectional: true,
      pool: 'mean',
      dropout: 0.3,
      normal: ['a', 'c'],
    },
    featureShape: [5, 6],
  },
  {
    name: 'id-embedding',
    config: { type: 'id-embedding', embedding: 6, scale: 8, margin: 0.3 },
    featureShape: [5, 8, 1],
  },
  {
    name: 'id-embedding, convolutions, two centres, mixup, dropout',
    config: {
      type: 'id-embedding',
      convolutions: [{ filters: 3 }, { filters: 4, kernel: [3, 1], padding: [1, 0] }],
      hidden: [7],
      embedding: 5,
      subclusters: 2,
      scale: 8,
      mixup: true,
      dropout: 0.2,
    },
    featureShape: [9, 12],
  },
].map(({ config, ...rest }) => ({
  ...rest,
  config: architectureSchema.parse(config),
  classWeights: [1, 0.5, 2],
  classes: ['a', 'b', 'c'],
}))
