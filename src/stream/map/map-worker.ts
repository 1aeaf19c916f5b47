import { parentPort, workerData } from 'node:worker_threads'
import { createPlacer } from '../../model/map/place.ts'
import { COMPONENTS, projectAll } from '../../model/map/principal.ts'
import type { FromMapWorker, MapWorkerData, ToMapWorker } from './map-protocol.ts'
import { groundOf, trainingMap } from './training-map.ts'

// Entry of the thread of the map: a latent is compared with all of the map, and components of many dimensions take seconds.

const data = workerData as MapWorkerData
const { latents, dimensions } = data
const send = (message: FromMapWorker, moved: ArrayBuffer[] = []) => parentPort!.postMessage(message, moved)

const ground = groundOf(data)
const place = createPlacer(ground, latents, dimensions)

parentPort!.on('message', ({ latents: news }: ToMapWorker) => {
  const n = news.length / dimensions
  const places = new Float32Array(2 * n)
  for (let i = 0; i < n; i++) places.set(place(news.subarray(i * dimensions, (i + 1) * dimensions)), 2 * i)
  const pca = projectAll(ground.pca, news, dimensions, COMPONENTS)
  send({ type: 'placed', places, pca }, [places.buffer, pca.buffer] as ArrayBuffer[])
})
send({ type: 'ready', map: trainingMap(data, ground) })
