import { buildNetwork, type Network } from '../model/architectures/network.ts'
import { type LoadedTfjs, loadTfjs } from '../model/engines/tfjs-load.ts'
import { scoringGraph } from '../model/scoring-graph.ts'
import { tf } from '../model/tf.ts'
import { pack } from '../model/trace/trace.ts'
import { dropoutMasks } from './dropout-masks.ts'
import { createOptimizer, type Optimizer } from './optimizers.ts'
import type { ProgramOptions, State, TrainingProgram } from './program.ts'
import { ITEMS, meanLoss, RATE, STEP, trainingStep } from './training-graph.ts'

/** Trains on TensorFlow.js itself: the program that graphs are traced from, run step by step. @throws as loadTfjs */
export function createEagerProgram(options: ProgramOptions): TrainingProgram {
  const loaded = loadTfjs(options.engine)
  return new EagerProgram(buildNetwork(options.architecture, options.featureShape, options.seed), options, loaded)
}

class EagerProgram implements TrainingProgram {
  readonly latentSize: number
  readonly device: string
  readonly passedOver: LoadedTfjs['passedOver']
  readonly #network: Network
  readonly #options: ProgramOptions
  readonly #optimizer: Optimizer
  readonly #backend: string
  #slots: Record<string, tf.Tensor>
  #steps = 0

  constructor(network: Network, options: ProgramOptions, { backend, device, name, passedOver }: LoadedTfjs) {
    this.#network = network
    this.#options = options
    this.#optimizer = createOptimizer(options.optimizer)
    this.#backend = backend
    this.latentSize = network.latentSize
    this.device = `${device} (${name})`
    this.passedOver = passedOver
    tf.setBackend(backend)
    const size = network.trainable.reduce((sum, variable) => sum + variable.size, 0)
    this.#slots = Object.fromEntries(this.#optimizer.slots.map(slot => [slot, tf.zeros([size])]))
  }

  async step(items: Float32Array, n: number, learningRate: number): Promise<number> {
    const { seed, loss } = this.#options
    tf.setBackend(this.#backend)
    this.#steps++
    const masks = dropoutMasks(this.#network.dropouts, seed, [n], [this.#steps])
    const before = this.#slots
    const result = tf.tidy(() => {
      const inputs = {
        [ITEMS]: this.#tensor(items, n),
        [RATE]: tf.scalar(learningRate),
        [STEP]: tf.scalar(this.#steps),
        ...Object.fromEntries(
          Object.entries(masks).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
        ),
        ...before,
      }
      const { weights, slots, loss: value } = trainingStep(this.#network, loss, this.#optimizer, inputs)
      unpack(weights, this.#network.trainable)
      return { value, slots }
    })
    this.#slots = result.slots
    tf.dispose(before)
    const [value] = result.value.dataSync()
    result.value.dispose()
    return value
  }

  async evaluate(items: Float32Array, n: number): Promise<number> {
    tf.setBackend(this.#backend)
    return tf.tidy(() => meanLoss(this.#network, this.#options.loss, this.#tensor(items, n), false).dataSync()[0])
  }

  async snapshot(): Promise<State> {
    tf.setBackend(this.#backend)
    const { trainable, statistics } = this.#network
    return tf.tidy(() => ({
      weights: copy(pack(trainable)),
      ...(statistics.length && { statistics: copy(pack(statistics)) }),
      ...Object.fromEntries(Object.entries(this.#slots).map(([name, tensor]) => [name, copy(tensor)])),
      [STEP]: { data: Float32Array.of(this.#steps), shape: [] },
    })) as State
  }

  restore(state: State): void {
    tf.setBackend(this.#backend)
    this.#steps = state[STEP].data[0]
    const tensorOf = (name: string) => tf.tensor(state[name].data.slice(), [...state[name].shape])
    tf.dispose(this.#slots)
    this.#slots = Object.fromEntries(this.#optimizer.slots.map(name => [name, tensorOf(name)]))
    tf.tidy(() => {
      unpack(tensorOf('weights'), this.#network.trainable)
      if (state.statistics) unpack(tensorOf('statistics'), this.#network.statistics)
    })
  }

  async exportModel(): Promise<Uint8Array> {
    tf.setBackend(this.#backend)
    return scoringGraph(this.#network, this.#options.loss)
  }

  async release(): Promise<void> {
    tf.dispose(this.#slots)
    this.#network.dispose()
  }

  #tensor(items: Float32Array, n: number): tf.Tensor {
    return tf.tensor(items, [n, ...this.#network.featureShape])
  }
}

/** Gives each variable its piece of a vector that holds all of them. */
function unpack(vector: tf.Tensor, variables: readonly tf.Variable[]): void {
  let offset = 0
  for (const variable of variables) {
    variable.assign(tf.reshape(tf.slice(vector, [offset], [variable.size]), variable.shape))
    offset += variable.size
  }
}

const copy = (tensor: tf.Tensor) => ({ data: (tensor.dataSync() as Float32Array).slice(), shape: tensor.shape })
