import type { Model } from './families/model.ts'
import { trace } from './trace/trace.ts'

/**
 * The graph that a bundle carries: `features [n, …]` → `score [n]`, `latent [n, d]`, `reconstruction [n, …]` and what else the model makes
 * of features, with its current weights as constants, named as in model.variables.
 */
export function scoringGraph(model: Model): Uint8Array {
  const { onnx } = trace({
    name: 'auscult_scoring',
    inputs: { features: { shape: [-1, ...model.featureShape] } },
    constants: model.variables,
    layers: model.layers,
    fn: ({ features }) => ({ ...model.score(features) }),
  })
  return onnx
}
