import { describe, expect, it } from 'vitest'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { tf, tfl } from '../../../src/model/tf.ts'
import { NEXT, trace } from '../../../src/model/trace/trace.ts'
import { expectParity, values } from '../../helpers/traced.ts'

const cpu = { device: 'cpu', threads: 1 } as const

describe('trace', () => {
  it('captures what a program assigns to variables, and leaves the variables alone', async () => {
    const a = tf.variable(tf.tensor1d([1, 2]))
    const b = tf.variable(tf.tensor2d([[3, 4]]))
    const { onnx, outputs } = trace({
      name: 'counter',
      inputs: { x: { shape: [2] } },
      variables: { state: [a, b] },
      fn: ({ x }) => {
        b.assign(tf.add(b, tf.expandDims(x, 0)) as tf.Tensor2D)
        return { y: tf.mul(a, x) }
      },
    })
    expect(outputs).toEqual(['y', `state${NEXT}`])
    const session = await createOnnxSession(onnx, cpu)
    const x = { data: Float32Array.of(10, 20), shape: [2] }
    const result = await session.run({ x, state: { data: Float32Array.of(1, 2, 3, 4), shape: [4] } })
    expect([...result.y.data]).toEqual([10, 40])
    expect([...result[`state${NEXT}`].data]).toEqual([1, 2, 13, 24])
    expect([...b.dataSync()]).toEqual([3, 4])
  })

  it('makes a graph for any number of items', async () => {
    const { onnx } = trace({
      name: 'dynamic',
      inputs: { x: { shape: [-1, 4, 6] } },
      fn: ({ x }) => {
        const flat = tf.reshape(x, [-1, 24])
        const rows = tf.reshape(tf.transpose(x, [0, 2, 1]), [-1, 4])
        return { y: tf.concat([flat, tf.onesLike(flat)], 1), z: tf.sum(rows, 1), n: tf.fill([x.shape[0], 1], 7) }
      },
    })
    const session = await createOnnxSession(onnx, cpu)
    for (const n of [1, 3, 251]) {
      const data = Float32Array.from({ length: n * 24 }, (_, i) => i)
      const { y, z, n: sevens } = await session.run({ x: { data, shape: [n, 4, 6] } })
      expect(y.shape).toEqual([n, 48])
      expect([...y.data.slice(24, 48)]).toEqual(Array(24).fill(1))
      expect(z.data[0]).toBe(0 + 6 + 12 + 18)
      expect([...sevens.data]).toEqual(Array(n).fill(7))
    }
  })

  it('refuses an operation without a kernel, naming it and the layer', () => {
    const layer = tfl.layers.maxPooling2d({ poolSize: 2, name: 'shrink' })
    const program = () =>
      trace({
        name: 'test',
        inputs: { x: { shape: [1, 4, 4, 1] } },
        layers: [layer as never],
        fn: ({ x }) => ({ y: layer.call(x, {}) as tf.Tensor }),
      })
    expect(program).toThrow(/MaxPool/)
    expect(program).toThrow(expect.objectContaining({ code: 'AUSCULT_UNSUPPORTED_OP', at: 'layer shrink' }))
  })

  it('names the layer of an operation that only its gradient uses', () => {
    class Running {
      name = 'running'
      call(x: tf.Tensor): tf.Tensor {
        return tf.customGrad((v, save) => {
          ;(save as tf.GradSaveFunc)([v as tf.Tensor])
          return { value: tf.mul(v as tf.Tensor, 2), gradFunc: (dy, [saved]) => tf.mul(tf.cumsum(saved), dy) }
        })(tf.square(x))
      }
    }
    const layer = new Running()
    const program = () =>
      trace({
        name: 'test',
        inputs: { x: { shape: [3] } },
        layers: [layer],
        fn: ({ x }) => ({ y: tf.grad(v => tf.sum(layer.call(v)))(x) }),
      })
    expect(program).toThrow(expect.objectContaining({ code: 'AUSCULT_UNSUPPORTED_OP', at: 'layer running' }))
    expect(program).toThrow(/Cumsum/)
  })

  it('refuses to read a value that is only known when the graph runs', () => {
    const program = () =>
      trace({
        name: 'test',
        inputs: { x: { shape: [1] } },
        fn: ({ x }) => ({ y: x.dataSync()[0] > 0 ? x : tf.neg(x) }),
      })
    expect(program).toThrow(expect.objectContaining({ code: 'AUSCULT_UNSUPPORTED_OP' }))
  })

  it('reduces over the batch only where its size is fixed', () => {
    const program = (n: number) => () =>
      trace({ name: 'test', inputs: { x: { shape: [n, 2] } }, fn: ({ x }) => ({ y: tf.mean(x, 0) }) })
    expect(program(3)).not.toThrow()
    expect(program(-1)).toThrow(expect.objectContaining({ code: 'AUSCULT_UNSUPPORTED_OP' }))
  })
})

describe('gradients of traced programs', () => {
  const ops: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    relu: tf.relu,
    leakyRelu: x => tf.leakyRelu(x, 0.2),
    elu: tf.elu,
    sigmoid: tf.sigmoid,
    tanh: tf.tanh,
    softplus: tf.softplus,
    softmax: x => tf.softmax(x),
    mean: x => tf.mean(x, 1),
    sum: x => tf.sum(x, 0),
    max: x => tf.max(x, 1),
    gather: x => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32')),
    concat: x => tf.concat([x, tf.square(x)], 1),
    slice: x => tf.slice(x, [1, 0], [2, 3]),
    pad: x =>
      tf.pad(x, [
        [1, 1],
        [0, 2],
      ]),
    stack: x => tf.stack(tf.unstack(x, 1), 0),
    sqrt: x => tf.sqrt(tf.add(tf.square(x), 1)),
    matMul: x => tf.matMul(x, x, false, true),
    clip: x => tf.clipByValue(x, -1, 1),
    log: x => tf.log(tf.add(tf.abs(x), 1)),
  }

  for (const [name, op] of Object.entries(ops)) {
    it(`${name}, first and second order`, async () => {
      const loss = (x: tf.Tensor) => tf.sum(tf.square(op(x)))
      const gradient = tf.grad(loss)
      const penalty = (x: tf.Tensor) => tf.sum(tf.square(tf.sub(tf.norm(gradient(x)), 1)))
      await expectParity(x => [gradient(x), tf.grad(penalty)(x)], [values([4, 5], 3)], 1e-4)
    })
  }

  it('of a gradient penalty through convolutions, by the weights', async () => {
    const inputs = [values([2, 8, 8, 1], 1), values([4, 4, 1, 3], 2), values([4, 4, 2, 3], 3), values([128, 1], 4)]
    const critic = (x: tf.Tensor, a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => {
      const pad: [[number, number], [number, number], [number, number], [number, number]] = [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]
      const h = tf.leakyRelu(tf.conv2d(x as tf.Tensor4D, a as tf.Tensor4D, 2, pad), 0.2)
      const up = tf.conv2dTranspose(h as tf.Tensor4D, b as tf.Tensor4D, [2, 8, 8, 2], 2, pad)
      return tf.matMul(tf.reshape(tf.tanh(up), [2, -1]), c)
    }
    const penalty = (x: tf.Tensor, ...weights: tf.Tensor[]) => {
      const slope = tf.grad((v: tf.Tensor) => tf.sum(critic(v, weights[0], weights[1], weights[2])))(x)
      return tf.mean(tf.square(tf.sub(tf.sqrt(tf.sum(tf.square(slope), [1, 2, 3])), 1)))
    }
    const program = (...args: tf.Tensor[]) =>
      tf.grads((...weights: tf.Tensor[]) => penalty(args[0], ...weights))(args.slice(1))
    await expectParity(program, inputs, 1e-4)
  })

  for (const kind of ['lstm', 'gru'] as const) {
    it(`of ${kind.toUpperCase()} layers`, async () => {
      tf.setBackend('cpu')
      const args = { units: 4, returnSequences: true, recurrentInitializer: 'glorotUniform' } as const
      const layer = kind === 'lstm' ? tfl.layers.lstm(args) : tfl.layers.gru(args)
      const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [5, 3] }), layer as never] })
      const variables = model.trainableWeights.map(weight => (weight as unknown as { val: tf.Variable }).val)
      const program = (x: tf.Tensor) => {
        const { value, grads } = tf.variableGrads(
          () => tf.mean(tf.square(model.apply(x) as tf.Tensor)) as tf.Scalar,
          variables,
        )
        return [value, ...variables.map(variable => grads[variable.name])]
      }
      await expectParity(program, [values([2, 5, 3], 1)], 1e-4)
    })
  }
})
