import type { DeviceTensor, EngineOptions, Feeds, Session, Tensor, Tensors } from '../model/engine.ts'
import { createOnnxSession } from '../model/engines/onnx.ts'
import { NEXT, trace } from '../model/trace/trace.ts'
import type { Compiled } from './step-graphs.ts'

/** Bytes that went from this process to the device and back. */
export interface Traffic {
  toDevice: number
  fromDevice: number
}

/**
 * Weights, BatchNorm statistics and optimiser slots between steps. In memory, results are written to spare arrays that then change places
 * with the state. Where the session keeps outputs on the device, they stay there until they are read.
 */
export class TrainingState {
  readonly traffic: Traffic = { toDevice: 0, fromDevice: 0 }
  #values: Feeds
  #spare: Tensors
  #reader: Promise<Session> | undefined

  /** @param values arrays that become this state's own */
  constructor(values: Tensors) {
    this.#values = { ...values }
    this.#spare = mapValues(values, emptyLike)
  }

  /** The tensors for a graph with these inputs. */
  feeds(inputs: readonly string[]): Feeds {
    return Object.fromEntries(Object.entries(this.#values).filter(([name]) => inputs.includes(name)))
  }

  /** Runs a graph that takes the state, or some of it, and gives the next, and writes its loss to `loss`. */
  async advance({ session, inputs, outputs }: Compiled, feeds: Tensors, loss: Tensor): Promise<void> {
    const all: Feeds = { ...feeds, ...this.feeds(inputs) }
    const changed = Object.keys(this.#values).filter(name => outputs.includes(name + NEXT))
    if (session.device !== 'cpu') this.traffic.toDevice += bytesOf(all)
    const results = session.runKeeping
      ? await this.#keep(session.runKeeping(all), changed, loss)
      : await this.#swap(session, all, changed, loss)
    if (session.device !== 'cpu') this.traffic.fromDevice += bytesOf(results)
  }

  async #keep(running: Promise<Feeds>, changed: readonly string[], loss: Tensor): Promise<Feeds> {
    const results = await running
    for (const name of changed) {
      const before = this.#values[name]
      this.#values[name] = results[name + NEXT]
      if (isOnDevice(before)) before.release()
    }
    loss.data.set((results.loss as Tensor).data)
    return results
  }

  async #swap(session: Session, inputs: Feeds, changed: readonly string[], loss: Tensor): Promise<Tensors> {
    const spare = changed.map(name => [name + NEXT, this.#spare[name]])
    const results = await session.run(inputs, { ...Object.fromEntries(spare), loss })
    for (const name of changed) {
      const before = this.#values[name] as Tensor
      this.#values[name] = this.#spare[name]
      this.#spare[name] = before
    }
    return results
  }

  /** Copies of the state. */
  async read(engine: EngineOptions): Promise<Tensors> {
    const kept = Object.entries(this.#values).filter(([, tensor]) => isOnDevice(tensor))
    if (kept.length === 0)
      return mapValues(this.#values as Tensors, ({ data, shape }) => ({ data: data.slice(), shape }))
    this.#reader ??= createOnnxSession(copyingGraph(this.#spare), engine)
    const copies = await (await this.#reader).run(this.#values)
    this.traffic.fromDevice += bytesOf(copies)
    return Object.fromEntries(Object.keys(this.#values).map(name => [name, copies[name + COPY]]))
  }

  /** Takes copies of values. */
  write(values: Tensors): void {
    this.#release()
    this.#values = mapValues(this.#spare, ({ shape }, name) => ({ data: values[name].data.slice(), shape }))
  }

  async release(): Promise<void> {
    this.#release()
    await (await this.#reader)?.release()
  }

  #release(): void {
    for (const tensor of Object.values(this.#values)) if (isOnDevice(tensor)) tensor.release()
  }
}

const COPY = ':copy'

/** Each input as an output, which is how tensors come back from the device. */
const copyingGraph = (values: Tensors): Uint8Array =>
  trace({
    name: 'auscult_state',
    inputs: mapValues(values, ({ shape }) => ({ shape })),
    fn: inputs => Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name + COPY, tensor])),
  }).onnx

const isOnDevice = (tensor: Tensor | DeviceTensor): tensor is DeviceTensor => 'handle' in tensor

const bytesOf = (tensors: Feeds): number =>
  Object.values(tensors).reduce((sum, tensor) => sum + (isOnDevice(tensor) ? 0 : tensor.data.byteLength), 0)

const emptyLike = ({ data, shape }: Tensor): Tensor => ({ data: new Float32Array(data.length), shape })

const mapValues = <A, B>(record: Record<string, A>, f: (value: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]))
