import { expect } from 'vitest'
import type { Tensor, Tensors } from '../../src/model/engine.ts'
import { createOnnxSession } from '../../src/model/engines/onnx.ts'
import { buildModel } from '../../src/model/families/build.ts'
import type { ModelContext } from '../../src/model/families/model.ts'
import { sizeOf } from '../../src/model/frontends/frontend.ts'
import { foldConstants } from '../../src/model/onnx/fold-constants.ts'
import { decodeModel, encodeModel, type ModelProto } from '../../src/model/onnx/model.ts'
import { simplify } from '../../src/model/onnx/simplify.ts'
import { scoringGraph } from '../../src/model/scoring-graph.ts'
import { seeded } from '../../src/random.ts'
import type { SMALL } from './architectures.ts'

export type Small = (typeof SMALL)[number]

/** A network whose batch statistics, biases and weights are all of some size, as after training. */
export function modelOf({ config, ...context }: Small & Pick<ModelContext, 'classes' | 'classWeights'>): ModelProto {
  const network = buildModel(config, { ...context, seed: 1, loss: 'mse' })
  const random = seeded(2)
  const model = decodeModel(scoringGraph(network), 'model')
  for (const tensor of model.graph.initializer ?? []) {
    // Constants of one dimension are biases, means, variances, scales and shifts; the last is above zero.
    if (tensor.dataType !== 1 || tensor.dims?.length !== 1 || !tensor.rawData) continue
    const values = new Float32Array(tensor.rawData.length / 4).map(() => 0.5 + random.uniform())
    tensor.rawData = new Uint8Array(values.buffer)
  }
  return model
}

export async function simplified(model: ModelProto): Promise<ModelProto> {
  const folded = await foldConstants(model, createOnnxSession)
  return { ...folded, graph: simplify(folded.graph) }
}

/** Items as a front end gives them: around zero, some larger. */
export function itemsFor({ featureShape }: Pick<Small, 'featureShape'>, n = 32, seed = 5): Tensor {
  const random = seeded(seed)
  const data = Float32Array.from({ length: n * sizeOf(featureShape) }, () => 4 * random.uniform() - 2)
  return { data, shape: [n, ...featureShape] }
}

export async function outputsOf(model: ModelProto, features: Tensor): Promise<Tensors> {
  const session = await createOnnxSession(encodeModel(model), { device: 'cpu', threads: 1 })
  try {
    return await session.run({ features })
  } finally {
    await session.release()
  }
}

/** Items of a window, whose score is their mean. */
const ITEMS = 8

/** The score of each window within a share of what it was. */
export function expectScores(actual: Tensors, expected: Tensors, tolerance: number): void {
  expect(actual.score.shape).toEqual(expected.score.shape)
  const worst = windowScores(actual).map((score, i) => Math.abs(score / windowScores(expected)[i] - 1))
  expect(Math.max(...worst)).toBeLessThanOrEqual(tolerance)
}

export const windowScores = ({ score: { data } }: Tensors): number[] =>
  Array.from({ length: data.length / ITEMS }, (_, i) => {
    const items = data.subarray(i * ITEMS, (i + 1) * ITEMS)
    return items.reduce((sum, value) => sum + value, 0) / ITEMS
  })

export const operators = ({ graph }: ModelProto): string[] => graph.node.map(({ opType }) => opType)
