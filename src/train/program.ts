import type { ArchitectureConfig } from '../model/architectures/config.ts'
import { buildNetwork, type Network } from '../model/architectures/network.ts'
import type { EngineOptions, Session, Tensor, Tensors } from '../model/engine.ts'
import { createOnnxSession } from '../model/engines/onnx.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import type { Loss } from '../model/loss-names.ts'
import { scoringGraph } from '../model/scoring-graph.ts'
import { tf } from '../model/tf.ts'
import { NEXT, type TracedGraph } from '../model/trace/trace.ts'
import { seeded } from '../random.ts'
import type { OptimizerConfig } from './optimizer-config.ts'
import { createOptimizer } from './optimizers.ts'
import { evaluationGraph, ITEMS, maskName, RATE, STEP, trainingGraph } from './training-graph.ts'

export interface ProgramOptions {
  architecture: ArchitectureConfig
  featureShape: readonly number[]
  loss: Loss
  optimizer: OptimizerConfig
  batchSize: number
  seed: number
  engine: EngineOptions
}

/** Everything that a training run has learned so far: weights, BatchNorm statistics, optimiser slots, the count of steps. */
export type State = Record<string, { data: Float32Array; shape: readonly number[] }>

/** A network in training: graphs for its steps, and the state that goes through them. */
export interface TrainingProgram {
  /** One optimiser step on `n ≤ batchSize` items, `[n, …featureShape]`. Resolves to the mean loss before the step. */
  step(items: Float32Array, n: number, learningRate: number): Promise<number>
  /** Mean loss of `n` items in inference mode. */
  evaluate(items: Float32Array, n: number): Promise<number>
  /** Copies of the state. */
  snapshot(): State
  restore(state: State): void
  /** The scoring graph with the current weights, see scoringGraph. */
  exportModel(): Uint8Array
  readonly latentSize: number
  readonly device: string
  release(): Promise<void>
}

/** A session whose state outputs are written to spare arrays, which then change places with the state. */
interface Compiled {
  session: Session
  graph: TracedGraph
}

/** Compiles the step for full batches. @throws AUSCULT_SHAPE, AUSCULT_DEVICE, AUSCULT_UNSUPPORTED_OP */
export async function createTrainingProgram(options: ProgramOptions): Promise<TrainingProgram> {
  const network = buildNetwork(options.architecture, options.featureShape, options.seed)
  const program = new Program(network, options)
  await program.compile('train', options.batchSize)
  return program
}

class Program implements TrainingProgram {
  readonly latentSize: number
  readonly #network: Network
  readonly #options: ProgramOptions
  readonly #optimizer: ReturnType<typeof createOptimizer>
  readonly #compiled = new Map<string, Promise<Compiled>>()
  #state: Record<string, Tensor>
  #spare: Record<string, Tensor>
  #steps = 0
  #device = ''

  constructor(network: Network, options: ProgramOptions) {
    this.#network = network
    this.#options = options
    this.#optimizer = createOptimizer(options.optimizer)
    this.latentSize = network.latentSize
    const weights = gather(network.trainable)
    this.#state = { weights }
    if (network.statistics.length) this.#state.statistics = gather(network.statistics)
    for (const slot of this.#optimizer.slots) this.#state[slot] = emptyLike(weights)
    this.#spare = mapValues(this.#state, emptyLike)
  }

  get device(): string {
    return this.#device
  }

  async step(items: Float32Array, n: number, learningRate: number): Promise<number> {
    const { session } = await this.compile('train', n)
    this.#steps++
    const masks = this.#network.dropouts.map((layer, i) => [
      maskName(i),
      this.#mask(layer.rate, [n, ...layer.maskShape], i),
    ])
    const feeds: Tensors = {
      [ITEMS]: { data: items, shape: [n, ...this.#network.featureShape] },
      [RATE]: scalar(learningRate),
      [STEP]: scalar(this.#steps),
      ...Object.fromEntries(masks),
      ...this.#state,
    }
    const spare = Object.entries(this.#spare).map(([name, tensor]) => [name + NEXT, tensor])
    const loss = scalar(0)
    await session.run(feeds, { ...Object.fromEntries(spare), loss })
    ;[this.#state, this.#spare] = [this.#spare, this.#state]
    return loss.data[0]
  }

  async evaluate(items: Float32Array, n: number): Promise<number> {
    const { session, graph } = await this.compile('evaluate', n)
    const state = Object.fromEntries(Object.entries(this.#state).filter(([name]) => graph.inputs.includes(name)))
    const { loss } = await session.run({
      [ITEMS]: { data: items, shape: [n, ...this.#network.featureShape] },
      ...state,
    })
    return loss.data[0]
  }

  snapshot(): State {
    return {
      ...mapValues(this.#state, ({ data, shape }) => ({ data: data.slice(), shape })),
      [STEP]: scalar(this.#steps),
    }
  }

  restore(state: State): void {
    this.#steps = state[STEP].data[0]
    for (const [name, tensor] of Object.entries(this.#state)) tensor.data.set(state[name].data)
  }

  exportModel(): Uint8Array {
    scatter(this.#state.weights.data, this.#network.trainable)
    if (this.#state.statistics) scatter(this.#state.statistics.data, this.#network.statistics)
    return scoringGraph(this.#network, this.#options.loss)
  }

  async release(): Promise<void> {
    const compiled = await Promise.all(this.#compiled.values())
    await Promise.all(compiled.map(({ session }) => session.release()))
    this.#network.dispose()
  }

  /** Traces and compiles a graph for batches of `n` items, once. */
  compile(kind: 'train' | 'evaluate', n: number): Promise<Compiled> {
    const key = `${kind} ${n}`
    const compiled = this.#compiled.get(key) ?? this.#compile(kind, n)
    this.#compiled.set(key, compiled)
    return compiled
  }

  async #compile(kind: 'train' | 'evaluate', n: number): Promise<Compiled> {
    const { loss, engine } = this.#options
    const graph =
      kind === 'train'
        ? trainingGraph(this.#network, loss, this.#optimizer, n)
        : evaluationGraph(this.#network, loss, n)
    const session = await createOnnxSession(graph.onnx, engine)
    this.#device = session.device
    return { session, graph }
  }

  /** Dropout mask of one layer at the current step: 0, or 1 / (1 − rate) so that the expectation stays. */
  #mask(rate: number, shape: readonly number[], layer: number): Tensor {
    const random = seeded(this.#options.seed, this.#steps, layer)
    const keep = 1 / (1 - rate)
    const data = new Float32Array(sizeOf(shape))
    for (let i = 0; i < data.length; i++) data[i] = random.uniform() < rate ? 0 : keep
    return { data, shape }
  }
}

const scalar = (value: number): Tensor => ({ data: Float32Array.of(value), shape: [] })

const emptyLike = ({ data, shape }: Tensor): Tensor => ({ data: new Float32Array(data.length), shape })

const mapValues = <A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))

/** The variables' values one after the other. */
function gather(variables: readonly tf.Variable[]): Tensor {
  const data = new Float32Array(variables.reduce((sum, variable) => sum + variable.size, 0))
  let offset = 0
  for (const variable of variables) {
    data.set(variable.dataSync() as Float32Array, offset)
    offset += variable.size
  }
  return { data, shape: [data.length] }
}

/** Writes values one after the other into the variables. */
function scatter(data: Float32Array, variables: readonly tf.Variable[]): void {
  let offset = 0
  for (const variable of variables) {
    variable.assign(tf.tensor(data.slice(offset, offset + variable.size), variable.shape))
    offset += variable.size
  }
}
