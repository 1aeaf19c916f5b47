import '../model/engines/privacy.ts'

import { Worker } from 'node:worker_threads'
import { AuscultError, messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Reconstructed, WindowScores } from '../model/scorer.ts'
import { moduleUrl, workerFlags } from '../worker-url.ts'
import { type Deferred, deferred } from './deferred.ts'
import type { Explainer } from './explain-queue.ts'
import { type FromWorker, fromWire, reasonOf, type ScorerWorkerData, type ToWorker } from './scorer-protocol.ts'

/** How a batch ended: scores, or the error that all of its windows share. `seconds` is the time it was computed for. */
export type BatchResult =
  | { readonly ok: true; readonly scores: WindowScores; readonly seconds: number }
  | { readonly ok: false; readonly reason: string; readonly error: AuscultError }

export type Ready = Extract<FromWorker, { type: 'ready' }>

type Job = (result: BatchResult, windows: Float32Array | undefined) => void

const WORKER = moduleUrl('./scorer-worker', import.meta.url)
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 10_000

/** One scorer thread. When it dies unasked, its batches fail and it is started again, later each time it dies without a result. */
export class ScorerSlot implements Explainer {
  restarts = 0
  /** Why it is not ready; undefined while it is. */
  reason: string | undefined = 'not started'
  readonly #data: ScorerWorkerData
  readonly #logger: Logger
  readonly #onReady: () => void
  readonly #jobs = new Map<number, Job>()
  #worker: Worker | undefined
  #explaining: Deferred<Reconstructed> | undefined
  #nextId = 0
  #crashes = 0
  #stopping = false
  #timer: NodeJS.Timeout | undefined

  constructor(data: ScorerWorkerData, logger: Logger, onReady: () => void) {
    this.#data = data
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
    const worker = new Worker(WORKER, { workerData: this.#data, execArgv: workerFlags(WORKER) })
    this.#worker = worker
    const { promise, resolve, reject } = deferred<Ready>()
    let fault: unknown
    let wasReady = false
    worker.on('error', error => {
      fault = error
    })
    worker.on('exit', () => {
      const error = new AuscultError(
        'AUSCULT_ENGINE',
        `the scorer thread died${fault ? `: ${messageOf(fault)}` : ''}`,
        {
          cause: fault,
          canRetry: true,
        },
      )
      reject(error)
      if (wasReady) this.#died(error)
    })
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') resolve(message)
      else if (message.type === 'refused') reject(fromWire(message.error))
      else if (message.type === 'explained') this.#explained()?.resolve(message.result)
      else if (message.type === 'unexplained') this.#explained()?.reject(fromWire(message.error))
      else this.#finish(message)
    })
    try {
      const ready = await promise
      wasReady = true
      this.reason = undefined
      this.#onReady()
      return ready
    } catch (error) {
      this.reason = messageOf(error)
      this.#worker = undefined
      await worker.terminate()
      throw error
    }
  }

  /** Hands over `n` windows; the buffer is moved to the thread and comes back with the result, unless the thread died. */
  submit(windows: Float32Array, n: number, done: Job): void {
    const id = this.#nextId++
    this.#jobs.set(id, done)
    const message: ToWorker = { type: 'score', id, windows, n }
    this.#worker!.postMessage(message, [windows.buffer as ArrayBuffer])
  }

  /** What the model makes of one window, whose buffer is moved to the thread; computed between two batches. @throws AuscultError */
  explain(window: Float32Array): Promise<Reconstructed> {
    this.#explaining = deferred()
    const message: ToWorker = { type: 'explain', window }
    this.#worker!.postMessage(message, [window.buffer as ArrayBuffer])
    return this.#explaining.promise
  }

  /** Lets the thread release its session and end; kills it at the deadline (ms since the epoch). */
  async stop(deadline: number): Promise<void> {
    this.#stopping = true
    this.reason = 'stopped'
    clearTimeout(this.#timer)
    const worker = this.#worker
    if (!worker) return
    const exited = new Promise(resolve => worker.once('exit', resolve))
    const message: ToWorker = { type: 'close' }
    worker.postMessage(message)
    const kill = setTimeout(() => void worker.terminate(), Math.max(0, deadline - Date.now()))
    await exited
    clearTimeout(kill)
  }

  #finish(message: Extract<FromWorker, { type: 'scored' | 'failed' }>): void {
    const done = this.#jobs.get(message.id)
    this.#jobs.delete(message.id)
    this.#crashes = 0
    if (message.type === 'scored') {
      done?.({ ok: true, scores: message.result, seconds: message.seconds }, message.windows)
    } else {
      const error = fromWire(message.error)
      done?.({ ok: false, reason: reasonOf(error.code), error }, message.windows)
    }
  }

  #explained(): Deferred<Reconstructed> | undefined {
    const answer = this.#explaining
    this.#explaining = undefined
    return answer
  }

  #died(error: AuscultError): void {
    this.#worker = undefined
    this.reason = error.message
    this.#explained()?.reject(error)
    const jobs = [...this.#jobs.values()]
    this.#jobs.clear()
    for (const done of jobs) done({ ok: false, reason: 'worker_crashed', error }, undefined)
    if (this.#stopping) return
    this.#logger.error({ batches: jobs.length, reason: error.message }, 'scorer thread died; starting it again')
    this.#restart()
  }

  #restart(): void {
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#crashes++)
    this.#timer = setTimeout(async () => {
      try {
        this.restarts++
        await this.start()
      } catch (error) {
        if (this.#stopping) return
        this.#logger.error({ reason: messageOf(error) }, 'scorer thread cannot be started; trying again')
        this.#restart()
      }
    }, delay)
  }
}
