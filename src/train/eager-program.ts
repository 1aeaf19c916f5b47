import { type LoadedTfjs, loadTfjs } from '../model/engines/tfjs-load.ts'
import { buildModel } from '../model/families/build.ts'
import type { Model, Phase } from '../model/families/model.ts'
import { scoringGraph } from '../model/scoring-graph.ts'
import { tf } from '../model/tf.ts'
import { pack } from '../model/trace/trace.ts'
import { assignPieces } from './assign-pieces.ts'
import { createOptimizer, type Optimizer } from './optimizers.ts'
import type { Given, ProgramOptions, State, TrainingProgram } from './program.ts'
import { randomInputs } from './random-inputs.ts'
import { updatesAt } from './step-graphs.ts'
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
  trainingStep,
} from './training-graph.ts'

/** Trains on TensorFlow.js itself: the program that graphs are traced from, run step by step. @throws as loadTfjs */
export function createEagerProgram(options: ProgramOptions): TrainingProgram {
  const loaded = loadTfjs(options.engine)
  return new EagerProgram(buildModel(options.architecture, options), options, loaded)
}

class EagerProgram implements TrainingProgram {
  readonly latentSize: number
  readonly device: string
  readonly passedOver: LoadedTfjs['passedOver']
  readonly #model: Model
  readonly #seed: number
  readonly #optimizer: Optimizer
  readonly #backend: string
  /** Weights, optimiser slots and averages by their names in the state. */
  #vectors: Record<string, tf.Tensor>
  #phase = 0
  #steps = 0

  constructor(model: Model, options: ProgramOptions, { backend, device, name, passedOver }: LoadedTfjs) {
    this.#model = model
    this.#seed = options.seed
    this.#optimizer = createOptimizer(options.optimizer)
    this.#backend = backend
    this.latentSize = model.latentSize
    this.device = `${device} (${name})`
    this.passedOver = passedOver
    tf.setBackend(backend)
    const { parts, average } = model
    const averages = average === undefined ? [] : Object.entries(parts)
    this.#vectors = tf.tidy(() => ({
      ...this.#freshSlots(),
      ...Object.fromEntries(averages.map(([part, variables]) => [averageName(part), pack(variables)])),
    }))
  }

  get phases(): readonly Phase[] {
    return this.#model.phases
  }

  async enter(phase: number): Promise<void> {
    tf.setBackend(this.#backend)
    this.#phase = phase
    this.#steps = 0
    const slots = tf.tidy(() => this.#freshSlots())
    tf.dispose(Object.keys(slots).map(name => this.#vectors[name]))
    this.#vectors = { ...this.#vectors, ...slots }
  }

  needsRefresh(epoch: number): boolean {
    return this.#current.refresh?.due(epoch) ?? false
  }

  async refresh(batches: AsyncIterable<{ items: Float32Array; n: number }>): Promise<void> {
    const { measure, update } = this.#current.refresh!
    const rows: number[] = []
    let width = 0
    for await (const { items, n } of batches) {
      tf.setBackend(this.#backend)
      const measured = tf.tidy(() => this.#scoring(() => measure(this.#items(items, { n })).dataSync()))
      width = measured.length / n
      for (const value of measured) rows.push(value)
    }
    tf.tidy(() => update(Float32Array.from(rows), width))
  }

  async step(items: Float32Array, n: number, learningRate: number, given: Given = {}): Promise<number> {
    tf.setBackend(this.#backend)
    const step = ++this.#steps
    const random = randomInputs(this.#model.randoms, { seed: this.#seed, phase: this.#phase }, [n], [step])
    const before = this.#vectors
    const { value, state } = tf.tidy(() => {
      const inputs = {
        ...this.#batch(items, n, given),
        [RATE]: tf.scalar(learningRate),
        [STEP]: tf.scalar(step),
        ...Object.fromEntries(
          Object.entries(random).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
        ),
        ...before,
      }
      const { loss, state } = trainingStep(this.#model, updatesAt(this.#current, step), this.#optimizer, inputs)
      const vectors: Record<string, tf.Tensor> = {}
      for (const [name, tensor] of Object.entries(state)) {
        if (name in this.#model.parts) assignPieces(tensor, this.#model.parts[name])
        else vectors[name] = tensor
      }
      return { value: loss, state: vectors }
    })
    tf.dispose(Object.keys(state).map(name => before[name]))
    this.#vectors = { ...before, ...state }
    const [loss] = value.dataSync()
    value.dispose()
    return loss
  }

  async evaluate(items: Float32Array, n: number, given: Given = {}): Promise<number> {
    tf.setBackend(this.#backend)
    return tf.tidy(() => {
      const { [ITEMS]: batch, [LABELS]: labels } = this.#batch(items, n, given)
      return this.#scoring(() => this.#current.validate({ items: batch, labels }).dataSync()[0])
    })
  }

  async snapshot(): Promise<State> {
    tf.setBackend(this.#backend)
    const { parts, statistics } = this.#model
    return tf.tidy(() => ({
      ...Object.fromEntries(Object.entries(parts).map(([part, variables]) => [part, copy(pack(variables))])),
      ...(statistics.length && { [STATISTICS]: copy(pack(statistics)) }),
      ...Object.fromEntries(Object.entries(this.#vectors).map(([name, tensor]) => [name, copy(tensor)])),
      [STEP]: { data: Float32Array.of(this.#steps), shape: [] },
    })) as State
  }

  restore(state: State): void {
    tf.setBackend(this.#backend)
    this.#steps = state[STEP].data[0]
    const tensorOf = (name: string) => tf.tensor(state[name].data.slice(), [...state[name].shape])
    tf.dispose(this.#vectors)
    this.#vectors = Object.fromEntries(Object.keys(this.#vectors).map(name => [name, tensorOf(name)]))
    tf.tidy(() => {
      for (const [part, variables] of Object.entries(this.#model.parts)) assignPieces(tensorOf(part), variables)
      if (state[STATISTICS]) assignPieces(tensorOf(STATISTICS), this.#model.statistics)
    })
  }

  async exportModel(): Promise<Uint8Array> {
    tf.setBackend(this.#backend)
    return this.#scoring(() => scoringGraph(this.#model))
  }

  async release(): Promise<void> {
    tf.dispose(this.#vectors)
    this.#model.dispose()
  }

  get #current(): Phase {
    return this.#model.phases[this.#phase]
  }

  /** Runs something with the weights that score, and puts those back that are trained. */
  #scoring<T>(run: () => T): T {
    if (this.#model.average === undefined) return run()
    const parts = Object.entries(this.#model.parts)
    const trained = parts.map(([, variables]) => tf.keep(pack(variables)))
    try {
      for (const [name, variables] of Object.entries(scoringVariables(this.#model))) {
        if (name !== STATISTICS) tf.tidy(() => assignPieces(this.#vectors[name], variables))
      }
      return run()
    } finally {
      parts.forEach(([, variables], i) => {
        tf.tidy(() => assignPieces(trained[i], variables))
      })
      tf.dispose(trained)
    }
  }

  #batch(items: Float32Array, n: number, { labels, frames }: Given): Record<string, tf.Tensor> {
    const batch = { [ITEMS]: this.#items(items, { n, frames }) }
    return labels ? { ...batch, [LABELS]: tf.tensor(labels, [n]) } : batch
  }

  #items(items: Float32Array, shape: BatchShape): tf.Tensor {
    return tf.tensor(items, itemsShape(this.#model, shape))
  }

  #freshSlots(): Record<string, tf.Tensor> {
    const slots = Object.entries(this.#model.parts).flatMap(([part, variables]) =>
      this.#optimizer.slots.map(slot => [slotName(part, slot), tf.zeros([sizeOfAll(variables)])]),
    )
    return Object.fromEntries(slots)
  }
}

const copy = (tensor: tf.Tensor) => ({ data: (tensor.dataSync() as Float32Array).slice(), shape: tensor.shape })
