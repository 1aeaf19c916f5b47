import { expect } from 'vitest'
import { createOnnxSession } from '../../src/model/engines/onnx.ts'
import { tf } from '../../src/model/tf.ts'
import { trace } from '../../src/model/trace/trace.ts'
import { seeded } from '../../src/random.ts'

export type Program = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]

/** Seeded values in [low, high). */
export function values(shape: readonly number[], seed: number, low = -2, high = 2): tf.Tensor {
  const random = seeded(seed)
  const size = shape.reduce((a, b) => a * b, 1)
  return tf.tensor(
    Float32Array.from({ length: size }, () => low + (high - low) * random.uniform()),
    [...shape],
  )
}

/** Runs a program eagerly on TensorFlow.js's CPU backend: the oracle. */
export function eager(program: Program, inputs: readonly tf.Tensor[]): Float32Array[] {
  tf.setBackend('cpu')
  return list(program(...inputs)).map(tensor => Float32Array.from(tensor.dataSync()))
}

/** Traces the program, runs the graph with ONNX Runtime and returns the outputs. */
export async function traced(program: Program, inputs: readonly tf.Tensor[]): Promise<Float32Array[]> {
  const names = inputs.map((_, i) => `x${i}`)
  const { onnx, outputs } = trace({
    name: 'test',
    inputs: Object.fromEntries(inputs.map((x, i) => [names[i], { shape: x.shape }])),
    fn: feeds => {
      const results = list(program(...names.map(name => feeds[name])))
      // Outputs are floats: engines know no other type.
      return Object.fromEntries(results.map((tensor, i) => [`y${i}`, tf.cast(tensor, 'float32')]))
    },
  })
  const session = await createOnnxSession(onnx, { device: 'cpu', threads: 1 })
  const feeds = inputs.map((x, i) => [names[i], { data: x.dataSync() as Float32Array, shape: x.shape }])
  const results = await session.run(Object.fromEntries(feeds))
  await session.release()
  return outputs.map(name => results[name].data)
}

const list = (result: tf.Tensor | tf.Tensor[]): tf.Tensor[] => (Array.isArray(result) ? result : [result])

/** Largest difference relative to the largest magnitude of the expected values (at least `floor`). */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 1e-6): number {
  expect(actual.length).toBe(expected.length)
  let [difference, scale] = [0, floor]
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]))
    scale = Math.max(scale, Math.abs(expected[i]))
    if (Number.isNaN(actual[i]) !== Number.isNaN(expected[i])) return Number.POSITIVE_INFINITY
  }
  return difference / scale
}

/** Expects the traced program to give what TensorFlow.js computes, to `tolerance` relative to the largest value. */
export async function expectParity(program: Program, inputs: readonly tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const expected = eager(program, inputs)
  const actual = await traced(program, inputs)
  expect(actual.length).toBe(expected.length)
  expected.forEach((values, i) => {
    expect(relativeDifference(actual[i], values)).toBeLessThanOrEqual(tolerance)
  })
}
