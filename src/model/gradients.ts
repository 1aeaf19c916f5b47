import { tf } from './tf.ts'

/**
 * Gradients that TensorFlow.js lacks and that second derivatives need: a comparison does not change with its inputs, and the
 * gradients of ELU and of convolutions can be differentiated again. Importing this file registers them.
 */
const COMPARISONS = ['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr']

type Pads = Parameters<typeof tf.conv2d>[3]

const zeros = (x: tf.Tensor) => () => tf.zeros(x.shape)

for (const kernelName of COMPARISONS) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_, [a, b]) => ({ a: zeros(a), b: zeros(b) }),
  })
}

tf.registerGradient({
  kernelName: 'LogicalNot',
  inputsToSave: ['x'],
  gradFunc: (_, [x]) => ({ x: zeros(x) }),
})

/** EluGrad is dy · (1 + min(y, 0)). */
tf.registerGradient({
  kernelName: 'EluGrad',
  inputsToSave: ['dy', 'y'],
  gradFunc: (dd, [dy, y]) => ({
    dy: () => tf.mul(dd as tf.Tensor, tf.add(tf.minimum(y, 0), 1)),
    y: () => tf.mul(tf.mul(dd as tf.Tensor, dy), tf.cast(tf.less(y, 0), 'float32')),
  }),
})

/** The filter's gradient is linear in the input and in dy; ⟨g, dFilter(x, dy)⟩ = ⟨conv(x, g), dy⟩. */
tf.registerGradient({
  kernelName: 'Conv2DBackpropFilter',
  inputsToSave: ['x', 'dy'],
  gradFunc: (g, [x, dy], attrs) => {
    const { strides, pad } = attrs as unknown as { strides: [number, number]; pad: Pads }
    const filter = g as tf.Tensor4D
    return {
      x: () =>
        tf.conv2dTranspose(
          dy as tf.Tensor4D,
          filter,
          x.shape as [number, number, number, number],
          strides,
          pad as 'same',
        ),
      dy: () => tf.conv2d(x as tf.Tensor4D, filter, strides, pad),
    }
  },
})
