import { describe, expect, it } from 'vitest'
import { sampleItems } from '../../src/train/sample-items.ts'

/** Items of two values, of which the first is the number of the item. */
const source = (items: number) => ({
  items,
  async *batches(size: number) {
    for (let from = 0; from < items; from += size) {
      const n = Math.min(size, items - from)
      yield { items: Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? -1 : from + i / 2)), n }
    }
  },
})

async function sampled(items: number, most: number | undefined) {
  const numbers: number[] = []
  for await (const batch of sampleItems(source(items), 4, most)) {
    expect(batch.items).toHaveLength(2 * batch.n)
    numbers.push(...batch.items.filter((_, i) => i % 2 === 0))
  }
  return numbers
}

describe('sampleItems', () => {
  it.each([
    [7, undefined, [0, 1, 2, 3, 4, 5, 6]],
    [7, 9, [0, 1, 2, 3, 4, 5, 6]],
    [10, 5, [1, 3, 5, 7, 9]],
    [10, 3, [3, 6, 9]],
    [9, 1, [8]],
  ])('of %i takes %s, evenly', async (items, most, expected) => {
    expect(await sampled(items, most)).toEqual(expected)
  })

  it('takes exactly as many as are asked for', async () => {
    for (const most of [1, 7, 49, 99]) expect(await sampled(100, most)).toHaveLength(most)
  })
})
