import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../errors.ts'
import { fitMap } from '../model/map/fit.ts'
import { groupLatents } from './group-latents.ts'
import type { FromLatentsWorker, LatentStudy, LatentsWorkerData } from './latents-protocol.ts'

// Entry of a worker thread: clusters and the map are found while the main thread scores other windows.

const { sample, clusters, map, seed } = workerData as LatentsWorkerData
const send = (message: FromLatentsWorker) => parentPort!.postMessage(message)

const study: LatentStudy = { assigned: sample.windows.map(() => null), warnings: [] }
try {
  const grouped = groupLatents(sample, clusters, seed)
  study.clusters = grouped.clusters
  study.assigned = grouped.assigned
} catch (error) {
  study.warnings.push(`the bundle has no clusters: ${messageOf(error)}`)
}
const { method } = map
if (method !== 'none') {
  try {
    const onEpoch = (done: number, total: number) => send({ type: 'epoch', done, total })
    const { latents, dimensions, windows, scores } = sample
    const { warnings, ...fitted } = fitMap(latents, dimensions, { ...map, method }, seed, onEpoch)
    study.map = { ...fitted, windows, clusters: study.assigned, scores }
    study.warnings.push(...warnings)
  } catch (error) {
    study.warnings.push(`the bundle has no map: ${messageOf(error)}`)
  }
}
send({ type: 'done', study })
