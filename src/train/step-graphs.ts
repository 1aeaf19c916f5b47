import type { Network } from '../model/architectures/network.ts'
import type { Device, EngineOptions, PassedOver, Session } from '../model/engine.ts'
import { createOnnxSession } from '../model/engines/onnx.ts'
import type { Loss } from '../model/loss-names.ts'
import { repeatGraph } from '../model/onnx/repeat.ts'
import { NEXT } from '../model/trace/trace.ts'
import type { Optimizer } from './optimizers.ts'
import { evaluationGraph, ITEMS, maskName, STEP, trainingGraph } from './training-graph.ts'

/** One step; one step after another, as many as the inputs are for; the loss alone. */
export type GraphKind = 'step' | 'steps' | 'evaluate'

export interface Compiled {
  session: Session
  inputs: readonly string[]
}

/** The graphs of a network for batches of `n` items, each traced and compiled once, all on the device that the first one got. */
export class StepGraphs {
  readonly #network: Network
  readonly #loss: Loss
  readonly #optimizer: Optimizer
  readonly #compiled = new Map<string, Promise<Compiled>>()
  #engine: EngineOptions

  constructor(network: Network, loss: Loss, optimizer: Optimizer, engine: EngineOptions) {
    this.#network = network
    this.#loss = loss
    this.#optimizer = optimizer
    this.#engine = engine
  }

  /** Finds the device by compiling a step for `n` items. @throws AUSCULT_SHAPE, AUSCULT_DEVICE, AUSCULT_UNSUPPORTED_OP */
  async open(n: number): Promise<{ device: Exclude<Device, 'auto'>; passedOver: readonly PassedOver[] }> {
    const { session } = await this.get('step', n)
    this.#engine = { ...this.#engine, device: session.device }
    return session
  }

  get engine(): EngineOptions {
    return this.#engine
  }

  get(kind: GraphKind, n: number): Promise<Compiled> {
    const key = `${kind} ${n}`
    const compiled = this.#compiled.get(key) ?? this.#compile(kind, n)
    this.#compiled.set(key, compiled)
    return compiled
  }

  async release(): Promise<void> {
    const compiled = await Promise.all(this.#compiled.values())
    await Promise.all(compiled.map(({ session }) => session.release()))
  }

  async #compile(kind: GraphKind, n: number): Promise<Compiled> {
    if (kind === 'evaluate') {
      const { onnx, inputs } = evaluationGraph(this.#network, this.#loss, n)
      return { session: await createOnnxSession(onnx, this.#engine), inputs }
    }
    const { onnx, inputs, outputs } = trainingGraph(this.#network, this.#loss, this.#optimizer, n)
    const each = [ITEMS, STEP, ...this.#network.dropouts.map((_, i) => maskName(i))]
    const graph = kind === 'steps' ? repeatGraph(onnx, { each, next: NEXT }) : onnx
    const state = outputs.filter(name => name.endsWith(NEXT))
    return { session: await createOnnxSession(graph, this.#engine, state), inputs }
  }
}
