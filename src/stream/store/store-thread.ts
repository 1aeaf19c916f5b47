import { Worker } from 'node:worker_threads'
import { AuscultError, messageOf } from '../../errors.ts'
import { moduleUrl, SMALL_HEAP, workerFlags } from '../../worker-url.ts'
import { type Deferred, deferred } from '../deferred.ts'
import { fromWire } from '../scorer-protocol.ts'
import { dropGate, openGate } from './gate.ts'
import type { Calls, FromStore, Opened, StoreWorkerData, ToStore } from './protocol.ts'

const WORKER = moduleUrl('./store-worker', import.meta.url)

/** The thread that holds the database. It answers calls in order, and is not started again: a new one is made in its place. */
export class StoreThread {
  /** Called when it dies without having been closed. */
  onDeath: () => void = () => {}
  readonly #path: string | null
  readonly #calls = new Map<number, Deferred<unknown>>()
  readonly #gone = deferred()
  #worker: Worker | undefined
  #fault: unknown
  #nextId = 0
  #closing = false

  constructor(path: string | null) {
    this.#path = path
  }

  get alive(): boolean {
    return this.#worker !== undefined
  }

  /** @param taken numbers up to this one are not given again @throws AUSCULT_STORE */
  async open(taken: number): Promise<Opened> {
    const gate = openGate()
    const workerData: StoreWorkerData = { path: this.#path, taken, gate: gate.buffer }
    const worker = new Worker(WORKER, { workerData, execArgv: workerFlags(WORKER), resourceLimits: SMALL_HEAP })
    const opened = deferred<Opened>()
    this.#worker = worker
    worker.on('error', error => {
      this.#fault = error
    })
    worker.on('exit', () => {
      dropGate(gate)
      this.#worker = undefined
      opened.reject(this.#death())
      for (const call of this.#calls.values()) call.reject(this.#death())
      this.#calls.clear()
      this.#gone.resolve()
      if (!this.#closing) this.onDeath()
    })
    worker.on('message', (message: FromStore) => {
      if (message.type === 'opened') opened.resolve(message.opened)
      else if (message.type === 'refused') opened.reject(fromWire(message.error))
      else this.#finish(message)
    })
    try {
      return await opened.promise
    } catch (error) {
      this.#closing = true
      await this.#gone.promise
      throw error
    }
  }

  call<K extends keyof Calls>(method: K, ...args: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    if (!this.#worker) return Promise.reject(this.#death())
    const id = this.#nextId++
    const done = deferred<unknown>()
    this.#calls.set(id, done)
    this.#post({ type: 'call', id, method, args })
    return done.promise as Promise<ReturnType<Calls[K]>>
  }

  /** Lets it close the database; at the deadline (ms since the epoch) it is left alone with its disk. */
  async close(deadline: number): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    this.#closing = true
    this.#post({ type: 'close' })
    const late = setTimeout(() => this.#gone.resolve(), Math.max(0, deadline - Date.now()))
    await this.#gone.promise
    clearTimeout(late)
    worker.unref()
  }

  #post(message: ToStore): void {
    this.#worker!.postMessage(message)
  }

  #finish(message: Extract<FromStore, { type: 'done' | 'failed' }>): void {
    const call = this.#calls.get(message.id)
    this.#calls.delete(message.id)
    if (message.type === 'done') call?.resolve(message.result)
    else call?.reject(fromWire(message.error))
  }

  #death(): AuscultError {
    const why = this.#fault === undefined ? 'is not running' : `died: ${messageOf(this.#fault)}`
    return new AuscultError('AUSCULT_STORE', `the thread of the event store ${why}`, {
      at: this.#path ?? undefined,
      cause: this.#fault,
      canRetry: true,
    })
  }
}
