import { Worker } from 'node:worker_threads'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import { moduleUrl, workerFlags } from '../../worker-url.ts'
import type { FromMapWorker, MapWorkerData, ToMapWorker, TrainingMap } from './map-protocol.ts'

const WORKER = moduleUrl('./map-worker', import.meta.url)
const FIRST_DELAY_MS = 100
/** Deaths without a result in between, after which it is given up. */
const MOST_DEATHS = 5

export type Placed = Extract<FromMapWorker, { type: 'placed' }>

export interface MapThreadOptions extends MapWorkerData {
  readonly onReady: (map: TrainingMap) => void
  readonly onPlaced: (placed: Placed) => void
  /** It died; what it had is lost. */
  readonly onDeath: () => void
  readonly logger: Logger
}

/** The thread that places latents. When it dies unasked it is started again, later each time, and given up in the end. */
export class MapThread {
  /** Why it cannot be used; undefined while it can. */
  reason: string | undefined = 'not started'
  /** Whether it is not started again. */
  hasGivenUp = false
  readonly #options: MapThreadOptions
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #deaths = 0
  #stopping = false

  constructor(options: MapThreadOptions) {
    this.#options = options
  }

  start(): void {
    const { map, latents, dimensions, onReady, onPlaced } = this.#options
    const workerData: MapWorkerData = { map, latents, dimensions }
    const worker = new Worker(WORKER, { workerData, execArgv: workerFlags(WORKER) })
    this.#worker = worker
    this.reason = 'starting'
    let fault = 'it ended'
    worker.on('error', error => {
      fault = messageOf(error)
    })
    worker.on('exit', () => this.#died(fault))
    worker.on('message', (message: FromMapWorker) => {
      if (this.#stopping) return
      if (message.type === 'ready') {
        this.reason = undefined
        onReady(message.map)
      } else {
        this.#deaths = 0
        onPlaced(message)
      }
    })
  }

  /** @param latents `[n × dimensions]`, moved to the thread */
  place(latents: Float32Array<ArrayBuffer>): void {
    const message: ToMapWorker = { type: 'place', latents }
    this.#worker?.postMessage(message, [latents.buffer])
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.reason = 'stopped'
    clearTimeout(this.#timer)
    await this.#worker?.terminate()
  }

  #died(fault: string): void {
    this.#worker = undefined
    if (this.#stopping) return
    const { logger, onDeath } = this.#options
    this.reason = `the thread of the map died: ${fault}`
    this.hasGivenUp = ++this.#deaths >= MOST_DEATHS
    onDeath()
    if (this.hasGivenUp) {
      logger.error({ reason: fault }, 'thread of the map died again; no more windows are placed')
      return
    }
    logger.warn({ reason: fault }, 'thread of the map died; starting it again')
    this.#timer = setTimeout(() => this.start(), FIRST_DELAY_MS * 2 ** (this.#deaths - 1))
  }
}
