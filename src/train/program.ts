import type { ArchitectureConfig } from '../model/architectures/config.ts'
import { buildNetwork, type Network } from '../model/architectures/network.ts'
import type { EngineOptions, PassedOver, Session, Tensor, Tensors } from '../model/engine.ts'
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
  /** Steps in one run of a graph. Default: as many as the device gains from. */
  stepsPerRun?: number
}

/** Everything that a training run has learned so far: weights, BatchNorm statistics, optimiser slots, the count of steps. */
export type State = Record<string, { data: Float32Array; shape: readonly number[] }>

/** A network in training: graphs for its steps, and the state that goes through them. */
export interface TrainingProgram {
  /** One optimiser step on `n ≤ batchSize` items, `[n, …featureShape]`. Resolves to the mean loss before the step. */
  step(items: Float32Array, n: number, learningRate: number): Promise<number>
  /** Steps on full batches, many at once; absent where that gains nothing. */
  readonly several?: SeveralSteps
  /** Mean loss of `n` items in inference mode. */
  evaluate(items: Float32Array, n: number): Promise<number>
  /** Copies of the state. */
  snapshot(): Promise<State>
  restore(state: State): void
  /** The scoring graph with the current weights, see scoringGraph. */
  exportModel(): Promise<Uint8Array>
  readonly latentSize: number
  readonly device: string
  release(): Promise<void>
}

export interface SeveralSteps {
  /** As many as are best asked for at once. */
  readonly count: number
  /** One step on each batch of `[steps, batchSize, …featureShape]`. Resolves to the mean loss before each of them. */
  run(items: Float32Array, learningRate: number): Promise<Float32Array>
}

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
  readonly several?: SeveralSteps
  readonly device: string
  readonly #network: Network
  readonly #options: ProgramOptions
  readonly #graphs: GraphCache
  readonly #state: TrainingState
  #steps = 0

  constructor(network: Network, options: ProgramOptions, graphs: GraphCache, slots: readonly string[]) {
    this.#network = network
    this.#options = options
    this.#graphs = graphs
    this.device = graphs.engine.device
    this.latentSize = network.latentSize
    const weights = gather(network.trainable)
    const statistics = network.statistics.length ? { statistics: gather(network.statistics) } : {}
    const zeros = slots.map(name => [name, { data: new Float32Array(weights.data.length), shape: weights.shape }])
    this.#state = new TrainingState({ weights, ...statistics, ...Object.fromEntries(zeros) })
    const count = options.stepsPerRun ?? stepsPerRun(this.device, options.batchSize * this.#itemSize)
    if (count > 1) this.several = { count, run: (items, learningRate) => this.#run(items, learningRate) }
  }

  get traffic(): Traffic {
    return this.#state.traffic
  }

  async step(items: Float32Array, n: number, learningRate: number): Promise<number> {
    const { session } = await this.#graphs.get('train', n)
    const feeds = {
      [ITEMS]: { data: items, shape: [n, ...this.#network.featureShape] },
      [RATE]: scalar(learningRate),
      [STEP]: scalar(++this.#steps),
      ...this.#masks(n, []),
    }
    const loss = scalar(0)
    await this.#state.advance(session, feeds, loss)
    return loss.data[0]
  }

  async #run(items: Float32Array, learningRate: number): Promise<Float32Array> {
    const { batchSize } = this.#options
    const { session } = await this.#graphs.get('steps', batchSize)
    const count = items.length / (batchSize * this.#itemSize)
    const numbers = Array.from({ length: count }, () => ++this.#steps)
    const feeds = {
      [ITEMS]: { data: items, shape: [count, batchSize, ...this.#network.featureShape] },
      [RATE]: scalar(learningRate),
      [STEP]: { data: Float32Array.from(numbers), shape: [count] },
      ...this.#masks(batchSize, numbers),
    }
    const loss = { data: new Float32Array(count), shape: [count] }
    await this.#state.advance(session, feeds, loss)
    return loss.data
  }

  async evaluate(items: Float32Array, n: number): Promise<number> {
    const { session, graph } = await this.#graphs.get('evaluate', n)
    const { loss } = await session.run({
      [ITEMS]: { data: items, shape: [n, ...this.#network.featureShape] },
      ...this.#state.feeds(graph.inputs),
    })
    return loss.data[0]
  }

  async snapshot(): Promise<State> {
    return { ...(await this.#state.read(this.#graphs.engine)), [STEP]: scalar(this.#steps) }
  }

  restore(state: State): void {
    this.#steps = state[STEP].data[0]
    this.#state.write(state)
  }

  async exportModel(): Promise<Uint8Array> {
    const { weights, statistics } = await this.#state.read(this.#graphs.engine)
    scatter(weights.data, this.#network.trainable)
    if (statistics) scatter(statistics.data, this.#network.statistics)
    return scoringGraph(this.#network, this.#options.loss)
  }

  async release(): Promise<void> {
    await this.#state.release()
    await this.#graphs.release()
    this.#network.dispose()
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
