import { performance } from 'node:perf_hooks'
import type { Bundle } from '../../model/bundle.ts'
import type { EngineOptions, Session, Tensor } from '../../model/engine.ts'
import { openSession } from '../../model/open-session.ts'

/** How fast a model scores: the quickest of several rounds, since what else the machine does only slows. */
export interface Speed {
  /** Items at once. */
  batch: number
  items_per_second: number
}

const BATCHES = [1, 512]
const ROUNDS = 9
/** Of a round; a round has at least one run. */
const MILLISECONDS = 30

/**
 * Runs a bundle's model, without the front end, in several ways on items like those given. The ways take turns, so that what slows the machine for
 * a while slows all of them.
 */
export async function timeScoring(bundle: Bundle, ways: readonly EngineOptions[], items: Tensor): Promise<Speed[][]> {
  const sessions: Session[] = []
  try {
    for (const way of ways) sessions.push(await openSession(bundle, way))
    const speeds: Speed[][] = sessions.map(() => [])
    for (const batch of BATCHES) {
      const features = repeated(items, batch)
      const quickest = sessions.map(() => Number.POSITIVE_INFINITY)
      for (const session of sessions) await session.run({ features }, OUTPUTS)
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, session] of sessions.entries()) {
          quickest[i] = Math.min(quickest[i], await millisecondsOf(() => session.run({ features }, OUTPUTS)))
        }
      }
      for (const [i, best] of quickest.entries()) speeds[i].push({ batch, items_per_second: (1000 * batch) / best })
    }
    return speeds
  } finally {
    for (const session of sessions) await session.release()
  }
}

/** What scoring takes of a model. */
const OUTPUTS = ['score', 'latent']

/** Of one run, the mean over those of a round. */
async function millisecondsOf(run: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  let runs = 0
  do {
    await run()
    runs++
  } while (performance.now() - begin < MILLISECONDS)
  return (performance.now() - begin) / runs
}

/** The first `count` items, over and over where there are fewer. */
function repeated({ data, shape: [n, ...shape] }: Tensor, count: number): Tensor {
  const size = data.length / n
  const result = new Float32Array(count * size)
  for (let i = 0; i < count; i++) result.set(data.subarray((i % n) * size, ((i % n) + 1) * size), i * size)
  return { data: result, shape: [count, ...shape] }
}
