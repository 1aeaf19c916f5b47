import { AuscultError } from '../errors.ts'
import type { PcaConfig } from '../model/architectures/pca.ts'
import { principalAxes } from '../model/clusters/principal-axes.ts'
import type { BatchSource } from './epoch.ts'
import { sampleItems } from './sample-items.ts'

/** Items that are read at once. */
const BATCH = 256

/**
 * How many principal components a network of them has: the shapes of a graph are known before anything is learned.
 * @throws AUSCULT_CONFIG when there are too few items
 */
export async function countComponents({ components, items }: PcaConfig, train: BatchSource, size: number) {
  const n = Math.min(items, train.items)
  if (n < 2 || components >= n) {
    const wanted = components < 1 ? 'principal components' : `${components} principal components`
    throw new AuscultError(
      'AUSCULT_CONFIG',
      `${wanted} need ${Math.max(2, Math.floor(components) + 1)} items, and there are ${n}`,
      {
        at: components >= items ? 'architecture.items' : 'architecture.components',
        remedy: 'Give more recordings, ask for fewer components, or raise architecture.items.',
      },
    )
  }
  if (components >= 1) return components
  const rows = new Float32Array(n * size)
  let at = 0
  for await (const batch of sampleItems(train, BATCH, items)) {
    rows.set(batch.items, at)
    at += batch.items.length
  }
  return principalAxes(rows, size, components).axes.length
}
