import type { ArchitectureConfig } from '../model/architectures/config.ts'
import type { EngineOptions, PassedOver, Session, Tensor, Tensors } from '../model/engine.ts'
import { buildModel } from '../model/families/build.ts'
import type { Model, ModelContext, Phase } from '../model/families/model.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import { scoringGraph } from '../model/scoring-graph.ts'
import { createEagerProgram } from './eager-program.ts'
import { gather, scatter } from './gather.ts'
import type { OptimizerConfig } from './optimizer-config.ts'
import { createOptimizer } from './optimizers.ts'
import { randomInputs } from './random-inputs.ts'
import { type Compiled, StepGraphs, updatesAt } from './step-graphs.ts'
import {
  averageName,
  type BatchShape,
  ITEMS,
  itemsShape,
  LABELS,
  RATE,
  STATISTICS,
  STEP,
  scoringVariables,
  sizeOfAll,
  slotName,
} from './training-graph.ts'
import { type Traffic, TrainingState } from './training-state.ts'

export interface ProgramOptions extends ModelContext {
  architecture: ArchitectureConfig
  optimizer: OptimizerConfig
  batchSize: number
  engine: EngineOptions
  /** Steps in one run of a graph. Default: as many as the device gains from. */
  stepsPerRun?: number
}

/** Everything that a training run has learned so far: weights, statistics, optimiser slots, the count of steps in the phase. */
export type State = Record<string, { data: Float32Array; shape: readonly number[] }>

/** What is known of a batch besides its items. */
export interface Given {
  /** `[n]`, for models that learn classes. */
  readonly labels?: Float32Array
  /** Frames of its items, where that is fewer than in featureShape. */
  readonly frames?: number
}

/** A model in training: graphs for its steps, and the state that goes through them. */
export interface TrainingProgram {
  /** What it is taught in turn. It begins in the first. */
  readonly phases: readonly Pick<Phase, 'name' | 'epochs' | 'keep' | 'updates' | 'refresh'>[]
  /** Begins a phase with the weights that there are, and fresh optimisers. */
  enter(phase: number): Promise<void>
  /** Whether something is to be computed from all training items before an epoch of the phase. */
  needsRefresh(epoch: number): boolean
  /** Computes that. */
  refresh(batches: AsyncIterable<{ items: Float32Array; n: number }>): Promise<void>
  /** One step on `n ≤ batchSize` items, `[n, …featureShape]`. Resolves to the mean loss before it. */
  step(items: Float32Array, n: number, learningRate: number, given?: Given): Promise<number>
  /** Steps on full batches, many at once; absent where that gains nothing. */
  readonly several?: SeveralSteps
  /** Mean loss of `n` items in inference mode. */
  evaluate(items: Float32Array, n: number, given?: Given): Promise<number>
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
  const model = buildModel(options.architecture, options)
  const optimizer = createOptimizer(options.optimizer)
  const graphs = new StepGraphs(model, optimizer, options.engine)
  return new Program(model, options, graphs, optimizer.slots, await graphs.open(options.batchSize))
}

class Program implements TrainingProgram {
  readonly latentSize: number
  readonly device: string
  readonly passedOver: readonly PassedOver[]
  readonly #model: Model
  readonly #options: ProgramOptions
  readonly #graphs: StepGraphs
  readonly #slots: readonly string[]
  readonly #state: TrainingState
  readonly #stepsPerRun: number
  #phase = 0
  /** Taken in this phase. */
  #steps = 0

  constructor(
    model: Model,
    options: ProgramOptions,
    graphs: StepGraphs,
    slots: readonly string[],
    { device, passedOver }: Pick<Session, 'device' | 'passedOver'>,
  ) {
    this.#model = model
    this.#options = options
    this.#graphs = graphs
    this.#slots = slots
    this.device = device
    this.passedOver = passedOver
    this.latentSize = model.latentSize
    const { parts, statistics, average } = model
    const groups = Object.entries({ ...parts, ...(statistics.length && { [STATISTICS]: statistics }) })
    this.#state = new TrainingState({
      ...Object.fromEntries(groups.map(([name, variables]) => [name, gather(variables)])),
      ...(average !== undefined &&
        Object.fromEntries(Object.entries(parts).map(([part, variables]) => [averageName(part), gather(variables)]))),
      ...this.#freshSlots(),
    })
    this.#stepsPerRun = options.stepsPerRun ?? stepsPerRun(device, 4 * options.batchSize * this.#itemSize)
  }

  get phases(): readonly Phase[] {
    return this.#model.phases
  }

  get several(): SeveralSteps | undefined {
    const everyStep = this.#current.updates.every(({ every = 1 }) => every === 1)
    const count = this.#stepsPerRun
    if (count <= 1 || this.#model.takesLabels || !everyStep) return undefined
    return { count, run: (items, learningRate) => this.#run(items, learningRate) }
  }

  get traffic(): Traffic {
    return this.#state.traffic
  }

  async enter(phase: number): Promise<void> {
    this.#phase = phase
    this.#steps = 0
    this.#state.write({ ...(await this.#state.read(this.#graphs.engine)), ...this.#freshSlots() })
  }

  needsRefresh(epoch: number): boolean {
    return this.#current.refresh?.due(epoch) ?? false
  }

  async refresh(batches: AsyncIterable<{ items: Float32Array; n: number }>): Promise<void> {
    const chunks: Float32Array[] = []
    let width = 0
    for await (const { items, n } of batches) {
      const { session, inputs } = await this.#graphs.measuring(this.#current, { n })
      const { rows } = await session.run({ ...this.#batch(items, { n }), ...this.#state.feeds(inputs) })
      width = rows.data.length / n
      chunks.push(rows.data.slice())
    }
    const state = await this.#state.read(this.#graphs.engine)
    scatter(state[STATISTICS].data, this.#model.statistics)
    this.#current.refresh!.update(concatenate(chunks), width)
    this.#state.write({ ...state, [STATISTICS]: gather(this.#model.statistics) })
  }

  async step(items: Float32Array, n: number, learningRate: number, given: Given = {}): Promise<number> {
    const step = ++this.#steps
    const shape = { n, frames: given.frames }
    const graph = await this.#graphs.step(updatesAt(this.#current, step), shape)
    const feeds = {
      ...this.#batch(items, shape, given),
      [RATE]: scalar(learningRate),
      [STEP]: scalar(step),
      ...randomInputs(this.#model.randoms, this.#seeds, [n], [step]),
    }
    const loss = scalar(0)
    await this.#advance(graph, feeds, loss)
    return loss.data[0]
  }

  async #run(items: Float32Array, learningRate: number): Promise<Float32Array> {
    const { batchSize } = this.#options
    const graph = await this.#graphs.steps(this.#current.updates, { n: batchSize })
    const count = items.length / (batchSize * this.#itemSize)
    const numbers = Array.from({ length: count }, () => ++this.#steps)
    const feeds = {
      [ITEMS]: { data: items, shape: [count, batchSize, ...this.#model.featureShape] },
      [RATE]: scalar(learningRate),
      [STEP]: { data: Float32Array.from(numbers), shape: [count] },
      ...randomInputs(this.#model.randoms, this.#seeds, [count, batchSize], numbers),
    }
    const loss = { data: new Float32Array(count), shape: [count] }
    await this.#advance(graph, feeds, loss)
    return loss.data
  }

  async evaluate(items: Float32Array, n: number, given: Given = {}): Promise<number> {
    const shape = { n, frames: given.frames }
    const { session, inputs } = await this.#graphs.evaluation(this.#current, shape)
    const { loss } = await session.run({ ...this.#batch(items, shape, given), ...this.#state.feeds(inputs) })
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
    const state = await this.#state.read(this.#graphs.engine)
    for (const [name, variables] of Object.entries(scoringVariables(this.#model))) scatter(state[name].data, variables)
    return scoringGraph(this.#model)
  }

  async release(): Promise<void> {
    await this.#state.release()
    await this.#graphs.release()
    this.#model.dispose()
  }

  get #current(): Phase {
    return this.#model.phases[this.#phase]
  }

  get #seeds() {
    return { seed: this.#options.seed, phase: this.#phase }
  }

  get #itemSize(): number {
    return sizeOf(this.#model.featureShape)
  }

  /** Feeds what the graph takes of them: a model may not need all its random numbers in every update. */
  async #advance(graph: Compiled, feeds: Tensors, loss: Tensor): Promise<void> {
    const taken = Object.entries(feeds).filter(([name]) => graph.inputs.includes(name))
    await this.#state.advance(graph, Object.fromEntries(taken), loss)
  }

  #batch(items: Float32Array, shape: BatchShape, { labels }: Given = {}): Tensors {
    const batch = { [ITEMS]: { data: items, shape: itemsShape(this.#model, shape) } }
    return this.#model.takesLabels && labels ? { ...batch, [LABELS]: { data: labels, shape: [shape.n] } } : batch
  }

  #freshSlots(): Tensors {
    const slots = Object.entries(this.#model.parts).flatMap(([part, variables]) => {
      const size = sizeOfAll(variables)
      return this.#slots.map(slot => [slotName(part, slot), { data: new Float32Array(size), shape: [size] }])
    })
    return Object.fromEntries(slots)
  }
}

/** Enough that the state, which crosses the bus once in a run, is little beside the batches; and what a device holds easily. */
const STEPS_PER_RUN = 16
const ITEM_BYTES_PER_RUN = 64 * 2 ** 20

/** CUDA computes many steps in a graph, since its outputs come back to the process. WebGPU keeps them, and a CPU has nothing to keep. */
const stepsPerRun = (device: Session['device'], batchBytes: number): number =>
  device === 'cuda' ? Math.max(1, Math.min(STEPS_PER_RUN, Math.floor(ITEM_BYTES_PER_RUN / batchBytes))) : 1

const scalar = (value: number): Tensor => ({ data: Float32Array.of(value), shape: [] })

function concatenate(chunks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.length
  }
  return all
}
