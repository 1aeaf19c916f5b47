import { parentPort, workerData } from 'node:worker_threads'
import type { LoadScorer, Scorer } from '../model/scorer.ts'
import { scoreBatch } from './score-batch.ts'
import { type FromWorker, type ScorerWorkerData, type ToWorker, toWire } from './scorer-protocol.ts'

// Entry of a worker thread: the inference engine computes on the thread that calls it, so it must not be the main one.

const port = parentPort!
const { loader, bundle, engine } = workerData as ScorerWorkerData

const send = (message: FromWorker, moved: ArrayBuffer[] = []) => port.postMessage(message, moved)

async function answer(scorer: Scorer, size: number, message: ToWorker): Promise<void> {
  if (message.type === 'close') {
    await scorer.close()
    process.exit()
  }
  if (message.type === 'explain') return explain(scorer, message.window)
  const { id, windows, n } = message
  const started = performance.now()
  try {
    const { scores, latents, latentSize } = await scoreBatch(scorer, windows.subarray(0, n * size), n)
    const seconds = (performance.now() - started) / 1000
    const result = { scores, latents, latentSize }
    const moved = [windows.buffer, scores.buffer, latents.buffer] as ArrayBuffer[]
    send({ type: 'scored', id, windows, seconds, result }, moved)
  } catch (error) {
    send({ type: 'failed', id, windows, error: toWire(error) }, [windows.buffer as ArrayBuffer])
  }
}

async function explain(scorer: Scorer, window: Float32Array): Promise<void> {
  try {
    const { features, reconstruction } = await scorer.reconstruct(window, 1)
    const moved = [features.buffer, reconstruction.buffer] as ArrayBuffer[]
    send({ type: 'explained', result: { features, reconstruction } }, moved)
  } catch (error) {
    send({ type: 'unexplained', error: toWire(error) })
  }
}

try {
  const { loadScorer } = (await import(loader)) as { loadScorer: LoadScorer }
  const scorer = await loadScorer(bundle, engine)
  const windowSize = scorer.windowShape.reduce((product, n) => product * n, 1)
  let last: Promise<void> = Promise.resolve()
  port.on('message', (message: ToWorker) => {
    last = last.then(() => answer(scorer, windowSize, message))
  })
  send({ type: 'ready', device: scorer.device, windowSize, latentSize: scorer.latentSize })
} catch (error) {
  send({ type: 'refused', error: toWire(error) })
}
