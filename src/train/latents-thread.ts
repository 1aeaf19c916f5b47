import { Worker } from 'node:worker_threads'
import { messageOf } from '../errors.ts'
import { moduleUrl, workerFlags } from '../worker-url.ts'
import type { FromLatentsWorker, LatentStudy, LatentStudyInput } from './latents-protocol.ts'

const WORKER = moduleUrl('./latents-worker', import.meta.url)
/** Of no more latents the study takes less time than a thread takes to start. */
const FEW = 256

export interface RunningStudy {
  /** Never rejects: what went wrong is a warning. */
  readonly study: Promise<LatentStudy>
  /** Called as the map is made. */
  onEpoch: (done: number, total: number) => void
  /** Gives it up. */
  stop(): Promise<void>
}

/** Groups and maps latents in a thread of its own, unless they are few. */
export function startStudy(input: LatentStudyInput): RunningStudy {
  const worker = input.sample.windows.length > FEW ? startWorker(input) : undefined
  const running: RunningStudy = {
    study: worker ? studyOf(worker, input, (done, total) => running.onEpoch(done, total)) : studyHere(input),
    onEpoch: () => {},
    stop: async () => void (await worker?.terminate()),
  }
  return running
}

const startWorker = (input: LatentStudyInput) =>
  new Worker(WORKER, { workerData: input, execArgv: workerFlags(WORKER) })

async function studyHere(input: LatentStudyInput): Promise<LatentStudy> {
  const { studyLatents } = await import('./study-latents.ts')
  return studyLatents(input, () => {})
}

function studyOf(worker: Worker, { sample }: LatentStudyInput, onEpoch: RunningStudy['onEpoch']): Promise<LatentStudy> {
  return new Promise(resolve => {
    const without = (why: string) => {
      const warnings = [`the bundle has no clusters and no map: ${why}`]
      resolve({ assigned: sample.windows.map(() => null), warnings })
    }
    worker.on('message', (message: FromLatentsWorker) => {
      if (message.type === 'epoch') onEpoch(message.done, message.total)
      else resolve(message.study)
    })
    worker.on('error', error => without(messageOf(error)))
    worker.on('exit', () => without('their thread ended'))
  })
}
