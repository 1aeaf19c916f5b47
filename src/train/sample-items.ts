import type { BatchSource } from './epoch.ts'

/**
 * At most so many items of a set, evenly chosen, in the order of the files: the same ones each time.
 * @param most absent: all
 */
export async function* sampleItems(
  source: BatchSource,
  batchSize: number,
  most = source.items,
): AsyncGenerator<{ items: Float32Array; n: number }> {
  const total = source.items
  const wanted = Math.min(most, total)
  const before = (item: number) => Math.floor((item * wanted) / total)
  let seen = 0
  for await (const { items, n } of source.batches(batchSize)) {
    const size = items.length / n
    const chosen = Array.from({ length: n }, (_, i) => i).filter(i => before(seen + i + 1) > before(seen + i))
    seen += n
    if (chosen.length === n) yield { items, n }
    else if (chosen.length > 0) yield { items: pick(items, size, chosen), n: chosen.length }
  }
}

function pick(items: Float32Array, size: number, chosen: readonly number[]): Float32Array {
  const out = new Float32Array(chosen.length * size)
  for (const [at, i] of chosen.entries()) out.set(items.subarray(i * size, (i + 1) * size), at * size)
  return out
}
