import type { Service } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import { setTfjsEnvironment } from '../model/engines/tfjs-environment.ts'
import type { Reconstructed } from '../model/scorer.ts'
import { deferred } from './deferred.ts'
import { ExplainQueue } from './explain-queue.ts'
import type { ScorerWorkerData } from './scorer-protocol.ts'
import { type BatchResult, type Ready, ScorerSlot } from './scorer-slot.ts'
import type { ComponentStatus } from './telemetry.ts'

export interface ScorerPoolOptions extends ScorerWorkerData {
  readonly workers: number
  /** Windows in the largest batch. */
  readonly batch: number
  readonly logger: Logger
  /** After so long without an answer a device other than the CPU counts as lost. Default 30. */
  readonly hangSeconds?: number
}

/** The first batch on a GPU may compile its programs for some seconds. */
const HANG_SECONDS = 30

/** Batches that a thread holds: one that it computes and one so that it need not wait for the next. */
const DEPTH = 2

/** How a batch ended, and the array that was submitted, which goes back into the pool when the call returns; undefined when its thread died. */
export type BatchDone = (result: BatchResult, windows: Float32Array | undefined) => void

interface Pending {
  readonly done: BatchDone
  result?: BatchResult
  windows?: Float32Array
}

/**
 * Scorer threads behind one door. Batches complete in the order in which they were submitted, whichever thread was
 * faster, so that the scores of a source stay in order.
 */
export class ScorerPool implements Service {
  readonly name = 'scorer'
  /** Called when a batch can be submitted again. */
  onFree: () => void = () => {}
  readonly #options: ScorerPoolOptions
  readonly #slots: ScorerSlot[]
  readonly #order: Pending[] = []
  readonly #buffers: Float32Array[] = []
  readonly #explanations: ExplainQueue
  #model: Ready | undefined

  constructor(options: ScorerPoolOptions) {
    this.#options = options
    const { loader, bundle, contents, engine, logger, hangSeconds = HANG_SECONDS } = options
    const data = { loader, bundle, contents, engine }
    if (engine.engine === 'tfjs') setTfjsEnvironment(engine)
    const onReady = () => {
      this.#explanations.poke()
      this.onFree()
    }
    this.#slots = Array.from({ length: options.workers }, () => new ScorerSlot({ data, hangSeconds, logger, onReady }))
    this.#explanations = new ExplainQueue(this.#slots)
  }

  /** Loads the bundle in every thread. @throws what the loader throws */
  async start(signal: AbortSignal): Promise<void> {
    const aborted = deferred<never>()
    const onAbort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const models = await Promise.race([Promise.all(this.#slots.map(slot => slot.start())), aborted.promise])
      this.#model = models[0]
      this.#sayDevice(models[0])
    } catch (error) {
      await this.stop(Date.now())
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async stop(deadline: number): Promise<void> {
    this.#explanations.close()
    await Promise.all(this.#slots.map(slot => slot.stop(deadline)))
  }

  /** What the threads loaded. */
  get model(): Ready {
    if (!this.#model) throw new Error('the scorer pool has not been started')
    return this.#model
  }

  get restarts(): number {
    return this.#slots.reduce((total, slot) => total + slot.restarts, 0)
  }

  /** Threads by the device that they compute on. */
  get devices(): Readonly<Record<string, number>> {
    const devices: Record<string, number> = {}
    for (const { device } of this.#slots) if (device) devices[device] = (devices[device] ?? 0) + 1
    return devices
  }

  /** How often a thread lost its device and went on with the CPU. */
  get fallbacks(): number {
    return this.#slots.reduce((total, slot) => total + slot.fallbacks, 0)
  }

  /** Whether `submit` may be called now. */
  get free(): boolean {
    return this.#slots.some(isFree)
  }

  /** An array for one batch, `[batch × window size]`, contents undefined. It is the caller's until it is submitted. */
  buffer(): Float32Array {
    // Shared, since moving it to the thread and back would count as garbage that both collect again and again.
    const bytes = this.#options.batch * this.model.windowSize * Float32Array.BYTES_PER_ELEMENT
    return this.#buffers.pop() ?? new Float32Array(new SharedArrayBuffer(bytes))
  }

  /** Scores the first `n` windows of an array from `buffer()`. `done` is called once, in order of submission. */
  submit(windows: Float32Array, n: number, done: BatchDone): void {
    const slot = this.#slots.filter(isFree).reduce((a, b) => (b.inFlight < a.inFlight ? b : a))
    const pending: Pending = { done }
    this.#order.push(pending)
    slot.submit(windows, n, (result, returned) => {
      pending.result = result
      pending.windows = returned
      this.#deliver()
    })
  }

  /**
   * What came and what the model makes of it, for one window, `[items × feature size]` each. Computed between batches, one at a time in
   * each thread; a few wait.
   * @param window `[window size]`, copied
   * @throws AUSCULT_ENGINE when too many wait or the thread dies, AUSCULT_NON_FINITE, AUSCULT_QUEUE_CLOSED when the pool stops
   */
  explain(window: Float32Array): Promise<Reconstructed> {
    return this.#explanations.ask(window)
  }

  status(): ComponentStatus {
    const waiting = this.#slots.filter(slot => !slot.ready)
    const ready = this.#slots.length - waiting.length
    return waiting.length === 0
      ? { ok: true, reason: `${ready} of ${this.#slots.length} threads on ${this.#onDevices()}` }
      : { ok: ready > 0 && this.#model !== undefined, reason: waiting[0].reason! }
  }

  /** `cpu`, `cpu since webgpu was lost: why`, or of threads on different devices both. */
  #onDevices(): string {
    const lost = this.#slots.flatMap(({ device, lost }) =>
      lost ? [`${device} since ${lost.device} was lost: ${lost.reason}`] : [],
    )
    const whole = this.#slots.flatMap(({ device, lost }) => (lost ? [] : [device!]))
    return [...new Set([...whole, ...lost])].join(', ')
  }

  #sayDevice({ device, passedOver }: Ready): void {
    const reasons = Object.fromEntries(passedOver.map(({ device, reason }) => [device, reason]))
    this.#options.logger.info(
      { device, ...(passedOver.length > 0 && { passed_over: reasons }) },
      `scoring on ${device}`,
    )
  }

  #deliver(): void {
    while (this.#order[0]?.result) {
      const { done, result, windows } = this.#order.shift()!
      done(result!, windows)
      if (windows && this.#buffers.length < this.#slots.length * DEPTH) this.#buffers.push(windows)
    }
    if (this.free) this.onFree()
  }
}

const isFree = (slot: ScorerSlot): boolean => slot.ready && slot.inFlight < DEPTH
