import type { Batch } from './feature-set.ts'
import type { Given, TrainingProgram } from './program.ts'

/** A step that was taken. */
export interface Step {
  /** Mean loss before it. */
  loss: number
  /** Items of its batch. */
  n: number
}

/**
 * Takes a step on each batch, several in one run where the program gains from that. Yields the steps of each run, in order.
 * @param batches full ones, where the program takes several steps at once
 */
export async function* takeSteps(
  program: TrainingProgram,
  batches: AsyncIterable<Batch & Given>,
  learningRate: number,
): AsyncGenerator<Step[]> {
  const { several } = program
  if (!several) {
    for await (const { items, n, ...given } of batches) {
      yield [{ loss: await program.step(items, n, learningRate, given), n }]
    }
    return
  }
  let items = new Float32Array(0)
  let counts: number[] = []
  for await (const batch of batches) {
    const size = batch.items.length
    if (items.length === 0) items = new Float32Array(several.count * size)
    items.set(batch.items, counts.length * size)
    counts.push(batch.n)
    if (counts.length < several.count) continue
    yield await run(counts)
    counts = []
  }
  if (counts.length > 0) yield await run(counts)

  async function run(ns: readonly number[]): Promise<Step[]> {
    const used = (items.length / several!.count) * ns.length
    const losses = await several!.run(items.subarray(0, used), learningRate)
    return ns.map((n, i) => ({ loss: losses[i], n }))
  }
}
