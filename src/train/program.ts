import type { ArchitectureConfig } from '../model/architectures/config.ts'
import { buildNetwork, type Network } from '../model/architectures/network.ts'
import type { EngineOptions, PassedOver, Session, Tensor } from '../model/engine.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import type { Loss } from '../model/loss-names.ts'
import { scoringGraph } from '../model/scoring-graph.ts'
import { tf } from '../model/tf.ts'
import { dropoutMasks } from './dropout-masks.ts'
import { createEagerProgram } from './eager-program.ts'
import type { OptimizerConfig } from './optimizer-config.ts'
import { createOptimizer } from './optimizers.ts'
import { StepGraphs } from './step-graphs.ts'
import { ITEMS, RATE, STEP } from './training-graph.ts'
import { type Traffic, TrainingState } from './training-state.ts'

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
  /** What `device: auto` would have liked better, best first. */
  readonly passedOver: readonly PassedOver[]
  /** What the steps so far moved to and from a device that is not the CPU, where that is counted. */
  readonly traffic?: Readonly<Traffic>
  release(): Promise<void>
}

export interface SeveralSteps {
  /** As many as are best asked for at once. */
  readonly count: number
  /** One step on each batch of `[steps, batchSize, …featureShape]`. Resolves to the mean loss before each of them. */
  run(items: Float32Array, learningRate: number): Promise<Float32Array>
}

/**
 * Compiles the step for full batches; the engine tfjs runs it as it is.
 * @throws AUSCULT_SHAPE, AUSCULT_DEVICE, AUSCULT_UNSUPPORTED_OP
 */
export async function createTrainingProgram(options: ProgramOptions): Promise<TrainingProgram> {
  if (options.engine.engine === 'tfjs') return createEagerProgram(options)
  const network = buildNetwork(options.architecture, options.featureShape, options.seed)
  const optimizer = createOptimizer(options.optimizer)
  const graphs = new StepGraphs(network, options.loss, optimizer, options.engine)
  return new Program(network, options, graphs, optimizer.slots, await graphs.open(options.batchSize))
}

class Program implements TrainingProgram {
  readonly latentSize: number
  readonly several?: SeveralSteps
  readonly device: string
  readonly passedOver: readonly PassedOver[]
  readonly #network: Network
  readonly #options: ProgramOptions
  readonly #graphs: StepGraphs
  readonly #state: TrainingState
  #steps = 0

  constructor(
    network: Network,
    options: ProgramOptions,
    graphs: StepGraphs,
    slots: readonly string[],
    { device, passedOver }: Pick<Session, 'device' | 'passedOver'>,
  ) {
    this.#network = network
    this.#options = options
    this.#graphs = graphs
    this.device = device
    this.passedOver = passedOver
    this.latentSize = network.latentSize
    const weights = gather(network.trainable)
    const statistics = network.statistics.length ? { statistics: gather(network.statistics) } : {}
    const zeros = slots.map(name => [name, { data: new Float32Array(weights.data.length), shape: weights.shape }])
    this.#state = new TrainingState({ weights, ...statistics, ...Object.fromEntries(zeros) })
    const count = options.stepsPerRun ?? stepsPerRun(device, 4 * options.batchSize * this.#itemSize)
    if (count > 1) this.several = { count, run: (items, learningRate) => this.#run(items, learningRate) }
  }

  get #itemSize(): number {
    return sizeOf(this.#network.featureShape)
  }

  get traffic(): Traffic {
    return this.#state.traffic
  }

  async step(items: Float32Array, n: number, learningRate: number): Promise<number> {
    const { session } = await this.#graphs.get('step', n)
    const feeds = {
      [ITEMS]: { data: items, shape: [n, ...this.#network.featureShape] },
      [RATE]: scalar(learningRate),
      [STEP]: scalar(++this.#steps),
      ...dropoutMasks(this.#network.dropouts, this.#options.seed, [n], [this.#steps]),
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
      ...dropoutMasks(this.#network.dropouts, this.#options.seed, [count, batchSize], numbers),
    }
    const loss = { data: new Float32Array(count), shape: [count] }
    await this.#state.advance(session, feeds, loss)
    return loss.data
  }

  async evaluate(items: Float32Array, n: number): Promise<number> {
    const { session, inputs } = await this.#graphs.get('evaluate', n)
    const { loss } = await session.run({
      [ITEMS]: { data: items, shape: [n, ...this.#network.featureShape] },
      ...this.#state.feeds(inputs),
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
}

/** Enough that the state, which crosses the bus once in a run, is little beside the batches; and what a device holds easily. */
const STEPS_PER_RUN = 16
const ITEM_BYTES_PER_RUN = 64 * 2 ** 20

/** CUDA computes many steps in a graph, since its outputs come back to the process. WebGPU keeps them, and a CPU has nothing to keep. */
const stepsPerRun = (device: Session['device'], batchBytes: number): number =>
  device === 'cuda' ? Math.max(1, Math.min(STEPS_PER_RUN, Math.floor(ITEM_BYTES_PER_RUN / batchBytes))) : 1

const scalar = (value: number): Tensor => ({ data: Float32Array.of(value), shape: [] })

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
