import type { BatchSource } from './epoch.ts'

/** Items that are read at once. */
const BATCH = 256

/** Mean of all items of a set, `[size]`; what batches are cut by is padding, and 0. @param size of an item that is not cut */
export async function meanItem(source: BatchSource, size: number): Promise<Float32Array> {
  const sums = new Float64Array(size)
  for await (const { items, n } of source.batches(BATCH)) {
    const own = items.length / n
    for (let at = 0; at < items.length; at++) sums[at % own] += items[at]
  }
  return Float32Array.from(sums, sum => sum / source.items)
}
