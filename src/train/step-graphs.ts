import type { Device, EngineOptions, PassedOver, Session } from '../model/engine.ts'
import { createOnnxSession } from '../model/engines/onnx.ts'
import type { Model, Phase, Update } from '../model/families/model.ts'
import { repeatGraph } from '../model/onnx/repeat.ts'
import { NEXT, type TracedGraph } from '../model/trace/trace.ts'
import type { Optimizer } from './optimizers.ts'
import {
  type BatchShape,
  evaluationGraph,
  ITEMS,
  LABELS,
  measuringGraph,
  randomName,
  STEP,
  trainingGraph,
} from './training-graph.ts'

export interface Compiled {
  session: Session
  inputs: readonly string[]
  outputs: readonly string[]
}

/** The graphs of a model for batches of some shape, each traced and compiled once, all on the device that the first one got. */
export class StepGraphs {
  readonly #model: Model
  readonly #optimizer: Optimizer
  readonly #compiled = new Map<string, Promise<Compiled>>()
  #engine: EngineOptions

  constructor(model: Model, optimizer: Optimizer, engine: EngineOptions) {
    this.#model = model
    this.#optimizer = optimizer
    this.#engine = engine
  }

  /** Finds the device by compiling the first step for `n` items. @throws AUSCULT_SHAPE, AUSCULT_DEVICE, AUSCULT_UNSUPPORTED_OP */
  async open(n: number): Promise<{ device: Exclude<Device, 'auto'>; passedOver: readonly PassedOver[] }> {
    const [phase] = this.#model.phases
    const updates = updatesAt(phase, 1)
    const { session } = await (updates.length > 0 ? this.step(updates, { n }) : this.evaluation(phase, { n }))
    this.#engine = { ...this.#engine, device: session.device }
    return session
  }

  get engine(): EngineOptions {
    return this.#engine
  }

  /** Updates one after the other. */
  step(updates: readonly Update[], shape: BatchShape): Promise<Compiled> {
    return this.#get(this.#key('step', shape, updates), async () => {
      const traced = trainingGraph(this.#model, updates, this.#optimizer, shape)
      return this.#open(traced, traced.onnx)
    })
  }

  /** One step after another, as many as the inputs are for. */
  steps(updates: readonly Update[], shape: BatchShape): Promise<Compiled> {
    return this.#get(this.#key('steps', shape, updates), async () => {
      const traced = trainingGraph(this.#model, updates, this.#optimizer, shape)
      const each = [ITEMS, LABELS, STEP, ...this.#model.randoms.map((_, i) => randomName(i))]
      return this.#open(traced, repeatGraph(traced.onnx, { each, next: NEXT }))
    })
  }

  /** The loss alone. */
  evaluation(phase: Phase, shape: BatchShape): Promise<Compiled> {
    return this.#get(`${phase.name} ${this.#key('evaluate', shape)}`, async () => {
      const traced = evaluationGraph(this.#model, phase, shape)
      return this.#open(traced, traced.onnx)
    })
  }

  /** What the phase's refresh needs of each item. */
  measuring(phase: Phase, shape: BatchShape): Promise<Compiled> {
    return this.#get(`${phase.name} ${this.#key('measure', shape)}`, async () => {
      const traced = measuringGraph(this.#model, phase.refresh!, shape)
      return this.#open(traced, traced.onnx)
    })
  }

  async release(): Promise<void> {
    const compiled = await Promise.all(this.#compiled.values())
    await Promise.all(compiled.map(({ session }) => session.release()))
  }

  #key(kind: string, { n, frames }: BatchShape, updates: readonly Update[] = []): string {
    const all = this.#model.phases.flatMap(phase => phase.updates)
    return [kind, n, frames ?? '', ...updates.map(update => all.indexOf(update))].join(' ')
  }

  #get(key: string, compile: () => Promise<Compiled>): Promise<Compiled> {
    const compiled = this.#compiled.get(key) ?? compile()
    this.#compiled.set(key, compiled)
    return compiled
  }

  async #open({ inputs, outputs }: TracedGraph, onnx: Uint8Array): Promise<Compiled> {
    const state = outputs.filter(name => name.endsWith(NEXT))
    return { session: await createOnnxSession(onnx, this.#engine, state), inputs, outputs }
  }
}

/** The updates that are due at a step of a phase, from 1. */
export const updatesAt = ({ updates }: Phase, step: number): readonly Update[] =>
  updates.filter(({ every = 1 }) => step % every === 0)
