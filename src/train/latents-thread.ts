import { Worker } from 'node:worker_threads'
import { messageOf } from '../errors.ts'
import { moduleUrl, workerFlags } from '../worker-url.ts'
import type { FromLatentsWorker, LatentStudy, LatentsWorkerData } from './latents-protocol.ts'

const WORKER = moduleUrl('./latents-worker', import.meta.url)

export interface LatentsThread {
  /** Never rejects: a bundle without clusters or map is better than hours of training lost. What went wrong is a warning. */
  readonly study: Promise<LatentStudy>
  /** Called as the map is made. */
  onEpoch: (done: number, total: number) => void
  /** Gives it up. */
  stop(): Promise<void>
}

/** Groups and maps latents in a thread of its own. */
export function studyLatents(data: LatentsWorkerData): LatentsThread {
  const worker = new Worker(WORKER, { workerData: data, execArgv: workerFlags(WORKER) })
  const study = new Promise<LatentStudy>(resolve => {
    const without = (why: string) => {
      const warnings = [`the bundle has no clusters and no map: ${why}`]
      resolve({ assigned: data.sample.windows.map(() => null), warnings })
    }
    worker.on('message', (message: FromLatentsWorker) => {
      if (message.type === 'epoch') thread.onEpoch(message.done, message.total)
      else resolve(message.study)
    })
    worker.on('error', error => without(messageOf(error)))
    worker.on('exit', () => without('their thread ended'))
  })
  const thread: LatentsThread = {
    study,
    onEpoch: () => {},
    stop: async () => void (await worker.terminate()),
  }
  return thread
}
