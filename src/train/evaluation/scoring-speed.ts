import { performance } from 'node:perf_hooks'
import type { Bundle } from '../../model/bundle.ts'
import type { EngineOptions, Tensor } from '../../model/engine.ts'
import { openSession } from '../../model/open-session.ts'

/** How fast a model scores: the quickest of several rounds, since what else the machine does only slows. */
export interface Speed {
  /** Items at once. */
  batch: number
  items_per_second: number
}

const BATCHES = [1, 512]
const ROUNDS = 7
/** Of a round; a round has at least one run. */
const MILLISECONDS = 40

/** Runs a bundle's model, without the front end, on items like those given. */
export async function timeScoring(bundle: Bundle, options: EngineOptions, items: Tensor): Promise<Speed[]> {
  const session = await openSession(bundle, options)
  try {
    const speeds: Speed[] = []
    for (const batch of BATCHES) {
      const features = repeated(items, batch)
      const run = () => session.run({ features }, ['score', 'latent'])
      await run()
      let quickest = Number.POSITIVE_INFINITY
      for (let round = 0; round < ROUNDS; round++) {
        const begin = performance.now()
        let runs = 0
        do {
          await run()
          runs++
        } while (performance.now() - begin < MILLISECONDS)
        quickest = Math.min(quickest, (performance.now() - begin) / runs)
      }
      speeds.push({ batch, items_per_second: (1000 * batch) / quickest })
    }
    return speeds
  } finally {
    await session.release()
  }
}

/** The first `count` items, over and over where there are fewer. */
function repeated({ data, shape: [n, ...shape] }: Tensor, count: number): Tensor {
  const size = data.length / n
  const result = new Float32Array(count * size)
  for (let i = 0; i < count; i++) result.set(data.subarray((i % n) * size, ((i % n) + 1) * size), i * size)
  return { data: result, shape: [count, ...shape] }
}
