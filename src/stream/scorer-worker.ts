import { parentPort, workerData } from 'node:worker_threads'
import type { LoadContents, LoadScorer, Scorer } from '../model/scorer.ts'
import { scoreBatch } from './score-batch.ts'
import { type FromWorker, type ScorerWorkerData, type ToWorker, toWire } from './scorer-protocol.ts'

// Entry of a worker thread: the inference engine computes on the thread that calls it, so it must not be the main one.

interface Loader {
  readonly loadScorer: LoadScorer
  readonly loadContents?: LoadContents
}

const port = parentPort!
const { loader, bundle, contents, engine } = workerData as ScorerWorkerData

const send = (message: FromWorker, moved: ArrayBuffer[] = []) => port.postMessage(message, moved)

async function answer(scorer: Scorer, size: number, message: ToWorker): Promise<void> {
  if (message.type === 'close') {
    await scorer.close()
    process.exit()
  }
  const { device } = scorer
  if (message.type === 'explain') await explain(scorer, message.window, device)
  else await score(scorer, size, message, device)
}

type Batch = Extract<ToWorker, { type: 'score' }>

async function score(scorer: Scorer, size: number, { id, windows, n }: Batch, device: string): Promise<void> {
  const started = performance.now()
  try {
    const { scores, latents, latentSize } = await scoreBatch(scorer, windows.subarray(0, n * size), n)
    const seconds = (performance.now() - started) / 1000
    const result = { scores, latents, latentSize }
    tellOfLoss(scorer, device)
    const moved = [scores.buffer, latents.buffer] as ArrayBuffer[]
    send({ type: 'scored', id, seconds, result }, moved)
  } catch (error) {
    send({ type: 'failed', id, error: toWire(error) })
  }
}

async function explain(scorer: Scorer, window: Float32Array, device: string): Promise<void> {
  try {
    const { features, reconstruction } = await scorer.reconstruct(window, 1)
    tellOfLoss(scorer, device)
    const moved = [features.buffer, reconstruction.buffer] as ArrayBuffer[]
    send({ type: 'explained', result: { features, reconstruction } }, moved)
  } catch (error) {
    send({ type: 'unexplained', error: toWire(error) })
  }
}

/** @param before where it computed before the batch */
function tellOfLoss(scorer: Scorer, before: string): void {
  if (scorer.device === before) return
  const lost = scorer.passedOver?.findLast(({ device }) => device === before) ?? {
    device: before,
    reason: 'it was lost',
  }
  send({ type: 'fell_back', device: scorer.device, lost })
}

try {
  const { loadScorer, loadContents } = (await import(loader)) as Loader
  const scorer = await (contents && loadContents ? loadContents(contents, engine) : loadScorer(bundle, engine))
  const windowSize = scorer.windowShape.reduce((product, n) => product * n, 1)
  let last: Promise<void> = Promise.resolve()
  port.on('message', (message: ToWorker) => {
    last = last.then(() => answer(scorer, windowSize, message))
  })
  const { device, passedOver = [], latentSize } = scorer
  send({ type: 'ready', device, passedOver, windowSize, latentSize })
} catch (error) {
  send({ type: 'refused', error: toWire(error) })
}
