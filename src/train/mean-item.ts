import type { BatchSource } from './epoch.ts'

/** Items that are read at once. */
const BATCH = 256

/** Mean of all items of a set, `[size]`. @param size of an item */
export async function meanItem(source: BatchSource, size: number): Promise<Float32Array> {
  const sums = new Float64Array(size)
  for await (const { items } of source.batches(BATCH)) {
    for (let at = 0; at < items.length; at++) sums[at % size] += items[at]
  }
  return Float32Array.from(sums, sum => sum / source.items)
}
