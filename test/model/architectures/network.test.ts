import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architectureSchema } from '../../../src/model/architectures/config.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { tf } from '../../../src/model/tf.ts'
import { expectClose } from '../../helpers/close.ts'
import { fillWithSines } from '../../helpers/sine-weights.ts'

const golden = JSON.parse(readFileSync('test/fixtures/networks/golden.json', 'utf8'))
const ITEMS = 3

/** The network with the weights of the fixture's script, as the graph that scores. */
async function outputs(config: object, featureShape: number[]) {
  const network = buildModel(architectureSchema.parse(config), { featureShape, seed: 0, loss: 'mse' })
  fillWithSines(network)
  const session = await createOnnxSession(scoringGraph(network), { device: 'cpu', threads: 1 })
  network.dispose()
  const data = Float32Array.from({ length: ITEMS * sizeOf(featureShape) }, (_, k) => Math.sin(0.37 * k))
  const results = await session.run({ features: { data, shape: [ITEMS, ...featureShape] } })
  await session.release()
  return results
}

describe('networks agree with PyTorch', () => {
  it.each([
    ['lstm-ae', { type: 'lstm-ae', hidden: [6], latent: 3 }, [5, 4, 1]],
    [
      'skip',
      {
        type: 'conv2d-ae',
        convolutions: [
          { filters: 3, kernel: 3 },
          { filters: 4, kernel: 4 },
        ],
        latent: 2,
        skip: true,
      },
      [9, 12, 1],
    ],
    ['idnn', { type: 'idnn', frames: 3, hidden: [6], latent: 3 }, [12]],
  ])('%s', async (name, config, shape) => {
    const actual = await outputs(config, shape)
    for (const output of ['score', 'latent', 'reconstruction']) {
      expectClose(actual[output].data, golden[name][output], 1e-5)
    }
  })
})

describe('the layers of lstm-ae', () => {
  it('begin with a forget gate of 1 and orthogonal recurrent weights, seeded', () => {
    const network = buildModel(architectureSchema.parse({ type: 'lstm-ae', latent: 4 }), {
      featureShape: [3, 2, 1],
      seed: 7,
      loss: 'mse',
    })
    const bias = [...network.variables['encoder_1_lstm/bias'].dataSync()]
    expect(bias).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    const recurrent = network.variables['encoder_1_lstm/recurrent_kernel'] as tf.Tensor as tf.Tensor2D
    const products = tf.matMul(recurrent, recurrent, false, true).dataSync()
    expectClose(products, [...tf.eye(4).dataSync()], 1e-6)
    const again = buildModel(architectureSchema.parse({ type: 'lstm-ae', latent: 4 }), {
      featureShape: [3, 2, 1],
      seed: 7,
      loss: 'mse',
    })
    expect(again.variables['encoder_1_lstm/recurrent_kernel'].dataSync()).toEqual(recurrent.dataSync())
    const other = buildModel(architectureSchema.parse({ type: 'lstm-ae', latent: 4 }), {
      featureShape: [3, 2, 1],
      seed: 8,
      loss: 'mse',
    })
    expect(other.variables['encoder_1_lstm/recurrent_kernel'].dataSync()).not.toEqual(recurrent.dataSync())
  })
})

describe('idnn', () => {
  it('does not see the frame that it predicts', async () => {
    const network = buildModel(architectureSchema.parse({ type: 'idnn', frames: 3, latent: 2 }), {
      featureShape: [6],
      seed: 1,
      loss: 'mse',
    })
    const predict = (x: number[]) => network.score(tf.tensor2d([x])).reconstruction.dataSync()
    const [first, second] = [predict([1, 2, 3, 4, 5, 6]), predict([1, 2, -9, 99, 5, 6])]
    expect(second).toEqual(first)
    expect([...first.slice(0, 2), ...first.slice(4)]).toEqual([1, 2, 5, 6])
    expect(predict([1, 2, 3, 4, 5, 9]).slice(2, 4)).not.toEqual(first.slice(2, 4))
  })
})
