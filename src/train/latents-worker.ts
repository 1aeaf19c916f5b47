import { parentPort, workerData } from 'node:worker_threads'
import type { FromLatentsWorker, LatentStudyInput } from './latents-protocol.ts'
import { studyLatents } from './study-latents.ts'

// Entry of a worker thread: clusters and the map are found while the main thread scores other windows.

const send = (message: FromLatentsWorker) => parentPort!.postMessage(message)
const onEpoch = (done: number, total: number) => send({ type: 'epoch', done, total })
send({ type: 'done', study: studyLatents(workerData as LatentStudyInput, onEpoch) })
