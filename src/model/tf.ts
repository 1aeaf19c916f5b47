/**
 * The only importer of TensorFlow.js. Networks, losses and optimisers are written with it; the graphs that its tracing backend
 * (trace/) emits do the work. Its pure-JavaScript CPU backend holds the weights between graphs and is the tests' oracle.
 */
import * as cpu from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

// Silences advice to install native bindings, which would be printed at the first operation.
tf.enableProdMode()

/** Names of all operations that TensorFlow.js's CPU backend knows. */
export const knownOps = (): string[] => tf.getKernelsForBackend('cpu').map(kernel => kernel.kernelName)

export const versions: Record<string, string> = {
  '@tensorflow/tfjs-core': tf.version_core,
  '@tensorflow/tfjs-layers': tfl.version_layers,
  '@tensorflow/tfjs-backend-cpu': cpu.version_cpu,
}

export { tf, tfl }
