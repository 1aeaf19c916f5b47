import { describe, expect, it } from 'vitest'
import type { BatchSource } from '../../src/train/epoch.ts'
import { meanItem } from '../../src/train/mean-item.ts'

describe('meanItem', () => {
  it('is the mean of all items, with 0 for the padding that batches are cut by', async () => {
    const source: BatchSource = {
      items: 3,
      async *batches() {
        yield { items: Float32Array.of(1, 2, 3, 4), n: 2, frames: 1 }
        yield { items: Float32Array.of(5, 6, 7, 8), n: 1, frames: 2 }
      },
    }
    expect([...(await meanItem(source, 4))]).toEqual([3, 4, 7 / 3, 8 / 3].map(Math.fround))
  })
})
