import '../model/engines/privacy.ts'
import '../model/engines/tf32.ts'

import { Worker } from 'node:worker_threads'
import { AuscultError, messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { ACCELERATORS } from '../model/engine.ts'
import type { Reconstructed, WindowScores } from '../model/scorer.ts'
import { moduleUrl, SMALL_HEAP, workerFlags } from '../worker-url.ts'
import { type Deferred, deferred } from './deferred.ts'
import type { Explainer } from './explain-queue.ts'
import {
  type FromWorker,
  fromWire,
  type Lost,
  reasonOf,
  type ScorerWorkerData,
  type ToWorker,
} from './scorer-protocol.ts'

/** How a batch ended: scores, or the error that all of its windows share. `seconds` is the time it was computed for. */
export type BatchResult =
  | { readonly ok: true; readonly scores: WindowScores; readonly seconds: number }
  | { readonly ok: false; readonly reason: string; readonly error: AuscultError }

export type Ready = Extract<FromWorker, { type: 'ready' }>

type Done = (result: BatchResult, windows: Float32Array | undefined) => void

interface Job {
  readonly windows: Float32Array
  readonly n: number
  readonly done: Done
}

export interface ScorerSlotOptions {
  readonly data: ScorerWorkerData
  /** After so long without an answer a device other than the CPU counts as lost. */
  readonly hangSeconds: number
  readonly logger: Logger
  readonly onReady: () => void
}

const WORKER = moduleUrl('./scorer-worker', import.meta.url)
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 10_000
/** That a killed thread may take to end; one that is stuck in a driver never does. */
const KILL_MS = 1000

/**
 * One scorer thread. When it dies unasked, its batches fail and it is started again, later each time it dies without a result. When it
 * dies or hangs on a device that can be lost, another one computes them on the CPU.
 */
export class ScorerSlot implements Explainer {
  restarts = 0
  fallbacks = 0
  /** Why it is not ready; undefined while it is. */
  reason: string | undefined = 'not started'
  /** Where it computes; undefined before the first start. */
  device: string | undefined
  /** The device that it computed on before. */
  lost: Lost | undefined
  readonly #logger: Logger
  readonly #onReady: () => void
  readonly #hangMs: number
  readonly #jobs = new Map<number, Job>()
  #data: ScorerWorkerData
  #worker: Worker | undefined
  #explaining: Deferred<Reconstructed> | undefined
  #nextId = 0
  #crashes = 0
  #stopping = false
  #timer: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined

  constructor({ data, hangSeconds, logger, onReady }: ScorerSlotOptions) {
    this.#data = data
    this.#hangMs = hangSeconds * 1000
    this.#logger = logger
    this.#onReady = onReady
  }

  get ready(): boolean {
    return this.reason === undefined
  }

  get inFlight(): number {
    return this.#jobs.size
  }

  get canExplain(): boolean {
    return this.ready && !this.#explaining
  }

  /** @throws the loader's error (AUSCULT_BUNDLE, AUSCULT_DEVICE, …), or AUSCULT_ENGINE when the thread dies before it is ready */
  async start(): Promise<Ready> {
    this.reason = 'loading the bundle'
    const worker = new Worker(WORKER, {
      ...{ workerData: this.#data, execArgv: workerFlags(WORKER), resourceLimits: SMALL_HEAP },
    })
    this.#worker = worker
    const { promise, resolve, reject } = deferred<Ready>()
    let fault: unknown
    let wasReady = false
    worker.on('error', error => {
      fault = error
    })
    worker.on('exit', () => {
      const text = `the scorer thread died${fault ? `: ${messageOf(fault)}` : ''}`
      const error = new AuscultError('AUSCULT_ENGINE', text, { cause: fault, canRetry: true })
      reject(error)
      if (wasReady && this.#worker === worker) this.#died(error)
    })
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') resolve(message)
      else if (message.type === 'refused') reject(fromWire(message.error))
      // One that was given up may still answer.
      else if (this.#worker === worker) this.#take(message)
    })
    try {
      const ready = await promise
      wasReady = true
      this.device = ready.device
      this.reason = undefined
      for (const [id, job] of this.#jobs) this.#send(id, job)
      this.#onReady()
      return ready
    } catch (error) {
      this.reason = messageOf(error)
      this.#worker = undefined
      await worker.terminate()
      throw error
    }
  }

  /** Hands over `n` windows, in shared memory, which come back with the result, unless the thread died. */
  submit(windows: Float32Array, n: number, done: Done): void {
    const id = this.#nextId++
    const job = { windows, n, done }
    this.#jobs.set(id, job)
    this.#send(id, job)
  }

  /** What the model makes of one window, whose buffer is moved to the thread; computed between two batches. @throws AuscultError */
  explain(window: Float32Array): Promise<Reconstructed> {
    this.#explaining = deferred()
    const message: ToWorker = { type: 'explain', window }
    this.#worker!.postMessage(message, [window.buffer as ArrayBuffer])
    this.#expectAnswer()
    return this.#explaining.promise
  }

  /** Lets the thread release its session and end; kills it at the deadline (ms since the epoch). */
  async stop(deadline: number): Promise<void> {
    this.#stopping = true
    this.reason = 'stopped'
    clearTimeout(this.#timer)
    clearTimeout(this.#watch)
    const worker = this.#worker
    if (worker) await this.#end(worker, deadline)
    this.#fail(new AuscultError('AUSCULT_ENGINE', 'the scorer thread did not end in time', { canRetry: true }))
  }

  async #end(worker: Worker, deadline: number): Promise<void> {
    const ended = deferred()
    worker.once('exit', ended.resolve)
    const message: ToWorker = { type: 'close' }
    worker.postMessage(message)
    let timer = setTimeout(
      () => {
        void worker.terminate()
        timer = setTimeout(ended.resolve, KILL_MS)
      },
      Math.max(0, deadline - Date.now()),
    )
    await ended.promise
    clearTimeout(timer)
    worker.unref()
  }

  /** Whether the device may be lost. */
  get #losable(): boolean {
    return ACCELERATORS.some(name => name === this.device)
  }

  #send(id: number, { windows, n }: Job): void {
    const message: ToWorker = { type: 'score', id, windows, n }
    this.#worker!.postMessage(message)
    this.#expectAnswer()
  }

  #expectAnswer(): void {
    if (this.#watch || !this.#losable) return
    this.#watch = setTimeout(() => {
      this.#watch = undefined
      this.#replace(`it has not answered for ${this.#hangMs / 1000} s`)
    }, this.#hangMs)
    this.#watch.unref()
  }

  #take(message: Exclude<FromWorker, { type: 'ready' | 'refused' }>): void {
    clearTimeout(this.#watch)
    this.#watch = undefined
    if (message.type === 'fell_back') this.#fellBack(message.device, message.lost)
    else if (message.type === 'explained') this.#explained()?.resolve(message.result)
    else if (message.type === 'unexplained') this.#explained()?.reject(fromWire(message.error))
    else this.#finish(message)
    if (this.#jobs.size > 0 || this.#explaining) this.#expectAnswer()
  }

  #finish(message: Extract<FromWorker, { type: 'scored' | 'failed' }>): void {
    const { windows, done } = this.#jobs.get(message.id)!
    this.#jobs.delete(message.id)
    this.#crashes = 0
    if (message.type === 'scored') {
      done({ ok: true, scores: message.result, seconds: message.seconds }, windows)
    } else {
      const error = fromWire(message.error)
      done({ ok: false, reason: reasonOf(error.code), error }, windows)
    }
  }

  #explained(): Deferred<Reconstructed> | undefined {
    const answer = this.#explaining
    this.#explaining = undefined
    return answer
  }

  #fellBack(device: string, lost: Lost): void {
    this.#data = { ...this.#data, engine: { ...this.#data.engine, device: 'cpu' } }
    this.device = device
    this.lost = lost
    this.fallbacks++
    this.#logger.warn(
      { device: lost.device, reason: lost.reason, remedy: lost.remedy, batches: this.#jobs.size },
      `${lost.device} was lost; scoring on ${device}, no window is lost`,
    )
  }

  /** Gives the thread up with its device, and has another one compute on the CPU, from the windows that are in flight. */
  #replace(reason: string): void {
    const worker = this.#worker
    this.#worker = undefined
    this.reason = reason
    this.#explained()?.reject(new AuscultError('AUSCULT_ENGINE', reason, { canRetry: true }))
    this.#fellBack('cpu', { device: this.device!, reason })
    // What is stuck in a driver cannot be ended; it must not keep the process, nor be waited for.
    worker?.unref()
    void worker?.terminate()
    void this.#startAgain()
  }

  #died(error: AuscultError): void {
    clearTimeout(this.#watch)
    this.#watch = undefined
    if (this.#losable && !this.#stopping) {
      this.#replace(error.message)
      return
    }
    this.#worker = undefined
    this.reason = error.message
    this.#explained()?.reject(error)
    const batches = this.#jobs.size
    this.#fail(error)
    if (this.#stopping) return
    this.#logger.error({ batches, reason: error.message }, 'scorer thread died; starting it again')
    this.#restart()
  }

  #fail(error: AuscultError): void {
    const jobs = [...this.#jobs.values()]
    this.#jobs.clear()
    for (const { done } of jobs) done({ ok: false, reason: 'worker_crashed', error }, undefined)
  }

  #restart(): void {
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#crashes++)
    this.#timer = setTimeout(() => void this.#startAgain(), delay)
  }

  async #startAgain(): Promise<void> {
    try {
      this.restarts++
      await this.start()
    } catch (error) {
      if (this.#stopping) return
      this.#logger.error({ reason: messageOf(error) }, 'scorer thread cannot be started; trying again')
      this.#restart()
    }
  }
}
